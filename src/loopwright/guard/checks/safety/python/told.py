"""What a program of Python is told, by the name of what tells it: a person, a model, a queue, this machine."""

from __future__ import annotations

from loopwright.guard.checks.safety.calls import page, sending
from loopwright.guard.checks.safety.flow import values as v
from loopwright.guard.checks.safety.flow.language import Handler
from loopwright.guard.checks.safety.names import each

TOLD: dict[str, Handler] = {
    **each(sending.environment, "os.getenv os.environ.get os.environ.pop os.environ.setdefault os.getenvb"),
    **each(
        sending.source(v.ENVIRON),
        "os.environ.items os.environ.copy os.environ.values os.environ.keys os.environ.__iter__",
    ),
    **each(
        sending.source(v.HOST_NAME),
        "socket.gethostname platform.node socket.getfqdn os.uname platform.uname uuid.getnode",
    ),
    **each(sending.source(v.HOST_USER), "getpass.getuser os.getlogin os.getuid pwd.getpwuid"),
    **each(sending.source(v.HOST_DIR), "os.getcwd os.getcwdb pathlib.Path.cwd"),
    **each(
        sending.source(v.INPUT),
        "input raw_input cgi.FieldStorage tkinter.Entry().get tkinter.Text().get tkinter.simpledialog.askstring ",
        "streamlit.text_input streamlit.text_area click.prompt typer.prompt easygui.enterbox prompt_toolkit.prompt",
    ),
    **each(
        sending.source(v.INPUT, "%told"),
        "openai.ChatCompletion.create %model ollama.chat ollama.generate litellm.completion litellm.acompletion ",
        "google.generativeai.GenerativeModel().generate_content langchain_openai.ChatOpenAI().invoke ",
        "langchain_openai.ChatOpenAI().predict langchain.chat_models.ChatOpenAI().predict ",
        "langchain_anthropic.ChatAnthropic().invoke transformers.pipeline()",
    ),
    **each(sending.source(v.ARGUMENT, "%arguments"), "argparse.ArgumentParser().parse_args"),
    **each(sending.consumed, "gradio.Interface gradio.ChatInterface"),
    "ftplib.FTP().retrbinary": sending.received_by,
    "ftplib.FTP().retrlines": sending.received_by,
    **each(
        sending.source(v.REMOTE),
        "xmlrpc.client.ServerProxy websockets.connect websockets.sync.client.connect websocket.create_connection ",
        "redis.Redis().get redis.Redis().blpop redis.Redis().lpop redis.StrictRedis().get ",
        "imaplib.IMAP4_SSL().fetch imaplib.IMAP4().fetch poplib.POP3_SSL().retr poplib.POP3().retr ",
        "zmq.Context().socket().recv zmq.Context().socket().recv_string rpyc.connect Pyro4.Proxy ",
        "redis.Redis().pubsub().listen redis.Redis().pubsub().get_message redis.from_url().get redis.from_url().blpop ",
        "kafka.KafkaConsumer confluent_kafka.Consumer().poll confluent_kafka.Consumer().consume ",
        "boto3.client().receive_message boto3.client().get_object boto3.resource().Queue().receive_messages ",
        "boto3.resource().Object().get pulsar.Client().subscribe().receive zmq.asyncio.Context().socket().recv",
    ),
    **each(
        sending.source(v.SECRET),
        "azure.identity.DefaultAzureCredential().get_token boto3.Session().get_credentials "
        "boto3.session.Session().get_credentials ",
        "botocore.session.get_session().get_credentials",
    ),
    **each(
        sending.source(v.COOKIE),
        "browser_cookie3.chrome browser_cookie3.load browser_cookie3.firefox PIL.ImageGrab.grab pyautogui.screenshot",
    ),
    **each(
        page.keys,
        "pynput.keyboard.Listener keyboard.on_press keyboard.on_release keyboard.hook pynput.mouse.Listener",
    ),
    **each(sending.clipboard, "pyperclip.paste pyperclip.copy clipboard.paste clipboard.copy"),
    **each(sending.source(v.INPUT), "sys.stdin.read sys.stdin.readline sys.stdin.buffer.read"),
}
