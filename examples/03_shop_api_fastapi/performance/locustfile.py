"""A load on the catalogue: locust -f performance/locustfile.py."""

from locust import HttpUser, between, events, task

LIMIT_MS = 250


class Visitor(HttpUser):
    wait_time = between(0.1, 0.5)

    @task
    def look(self) -> None:
        self.client.get("/api/products")


@events.quitting.add_listener
def judge(environment, **_: object) -> None:
    slow = environment.stats.total.get_response_time_percentile(0.95) > LIMIT_MS
    environment.process_exit_code = 1 if slow else 0
