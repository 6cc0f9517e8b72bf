"""Command lines that are known for one purpose, on any system: each pattern with the check that names it and why.

Sources: LOLBAS, GTFOBins, MITRE ATT&CK T1003 (credentials), T1053 (schedules), T1070 (hiding), T1490 (recovery),
T1562 (defences).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from loopwright.core.expression import expression
from loopwright.guard.checks.safety.finding import Name

_KNOWN: tuple[tuple[Name, str, tuple[str, ...]], ...] = (
    (
        "privilege",
        "makes something run later by itself; let a person set that up",
        (
            r"^schtasks\b.*/create",
            r"^sc(?:\.exe)? create\b",
            r"^reg(?:\.exe)? add\b.*\\Run\b",
            r"^launchctl (?:load|bootstrap|submit)\b",
            r"^defaults write\b.*loginwindow",
            r"^loginctl enable-linger",
        ),
    ),
    (
        "privilege",
        "takes credentials out of their store",
        (
            r"dump-keychain",
            r"find-(?:generic|internet)-password\b.*-\w*[wg]\w*\b",
            r"MiniDump",
            r"\bprocdump\b.*lsass",
            r"\bmimikatz\b",
            r"\blazagne\b",
            r"^unshadow\b",
            r"^strace\b.*-p ?1\b",
            r"^john\b",
            r"^hashcat\b",
            r"reg(?:\.exe)? save\b.*(?:SAM|SYSTEM|SECURITY)\b",
            r"^cmdkey /list",
            r"\bvaultcmd\b",
            r"^secretsdump",
            r"^ntdsutil",
            r"^trufflehog (?:filesystem|git)\b.* /(?:\s|$)",
        ),
    ),
    (
        "privilege",
        "removes what a machine is restored from or its logs",
        (
            r"^vssadmin delete",
            r"^wbadmin delete",
            r"^bcdedit\b.*recoveryenabled",
            r"^wevtutil cl\b",
            r"^fsutil usn deletejournal",
            r"^tmutil (?:disable|deletelocalsnapshots)",
        ),
    ),
    (
        "privilege",
        "gives rights over an account elsewhere, or turns off what watches it; a person does that",
        (
            r"^aws\b.*\biam (?:create-access-key|create-login-profile|update-assume-role-policy)",
            r"^aws\b.*\biam (?:attach|put)-\w+-policy\b.*(?:Administrator|FullAccess|\*)",
            r"^gcloud\b.*\badd-iam-policy-binding\b.*(?:roles/(?:owner|editor)|allUsers)",
            r"^az role assignment create\b.*(?:Owner|Contributor)",
            r"^aws\b.*\b(?:cloudtrail (?:stop-logging|delete-trail)|guardduty delete-detector"
            r"|put-bucket-acl\b.*public)",
            r"^aws\b.*\bauthorize-security-group-ingress\b.*0\.0\.0\.0/0",
            r"^gsutil\b.*\biam ch\b.*allUsers",
            r"^psql\b.*\b(?:alter|create) (?:user|role)\b.*\bsuperuser",
        ),
    ),
    (
        "privilege",
        "stops the machine, or what all other programs come from",
        (
            r"^(?:systemctl|loginctl)\b.*\b(?:poweroff|halt|reboot|kexec|emergency|rescue)\b",
            r"^(?:init|telinit) [06]$",
            r"^kill\b(?:\s+-\S+)*\s+1$",
        ),
    ),
    (
        "privilege",
        "makes a device file, past the rights of the one that there is",
        (r"^mknod\s+\S+\s+[bc]\b", r"^losetup\b.*\s/dev/(?:[shv]d|nvme)"),
    ),
    (
        "privilege",
        "hides what was done",
        (
            r"^(?:truncate|shred|rm)\b.*\s/var/log/(?:auth|secure|audit|wtmp|btmp|lastlog|messages|syslog|journal)",
            r"^journalctl\b.*--vacuum-(?:time=\d+s|size=\d+K?$)",
        ),
    ),
    (
        "privilege",
        "takes or keeps root's rights; a person does that",
        (
            r"^osascript\b.*with administrator privileges",
            r"^(?:ba|da|z|k|a)?sh -\w*p\w*$",
            r"^capsh\b.*--(?:[gu]id|user|caps|inh|addamb)=",
        ),
    ),
    (
        "privilege",
        "changes accounts by hand; a person does that",
        (r"^(?:vipw|vigr)\b",),
    ),
    (
        "imports",
        "takes what is cloned and installed from another address",
        (r"^git config\b.*\burl\.[\"']?(?:http://|\w+://\d+\.\d+)\S*\.insteadof\b",),
    ),
    (
        "privilege",
        "gives rights to a user; a person does that",
        (
            r"^net(?:1|\.exe)? (?:user\b.*/add|localgroup administrators\b.*/add)",
            r"^dsenableroot",
            r"^dseditgroup\b.*admin",
            r"^dscl\b.*-create /Users",
        ),
    ),
    (
        "privilege",
        "turns off what protects the machine",
        (
            r"Set-MpPreference\b.*-Disable",
            r"Add-MpPreference\b.*-Exclusion",
            r"^netsh\b.*firewall\b.*(?:off|disable)",
            r"^spctl --(?:master|global)-disable",
            r"^csrutil disable",
            r"^xattr\b.*-\w*d\w* com\.apple\.quarantine",
            r"Set-ExecutionPolicy\b.*(?:Bypass|Unrestricted)",
        ),
    ),
    (
        "syntax",
        "runs or loads code past the usual ways",
        (
            r"^certutil\b.*-(?:urlcache|decode)",
            r"^bitsadmin\b.*/transfer",
            r"^mshta\b.*(?:http|javascript:|vbscript:)",
            r"^regsvr32\b.*/i:http",
            r"^rundll32\b.*(?:javascript:|http|,\s*#)",
            r"^msiexec\b.*/i\s*http",
            r"^wmic\b.*process call create",
            r"^(?:InstallUtil|cmstp|odbcconf|msbuild)\b.*http",
            r"^finger\b.*\|",
        ),
    ),
    (
        "syntax",
        "opens this machine to another one",
        (
            r"\bztcp\b",
            r"zmodload zsh/net/tcp",
            r"^msfvenom\b",
            r"^msfconsole\b",
            r"^(?:pwncat|chisel|ligolo|gsocket|gs-netcat|merlin|sliver|empire|weevely)\b",
            r"^reverse_ssh\b",
            r"^ssh\b.*-R\s*(?:\S+:)?\d+:\S*:22\b",
        ),
    ),
    (
        "privilege",
        "is a tool for attacks",
        (
            r"^(?:linpeas|linenum|pspy\d*|traitor|dirtycow|pwnkit|linux-exploit-suggester|nxc|crackmapexec|hydra|sqlmap|metasploit|responder|bloodhound)\b",
        ),
    ),
    (
        "syntax",
        "overwrites disks or what lies on them",
        (
            r"^(?:lvremove|vgremove|pvremove|lvreduce)\b",
            r"^zpool destroy",
            r"^zfs destroy",
            r"^btrfs subvolume delete",
            r"^cryptsetup (?:erase|luksErase|luksFormat)",
            r"^nvme (?:format|sanitize)",
            r"^hdparm\b.*--security-erase",
            r"^dmsetup (?:remove_all|wipe_table)",
            r"^mdadm --zero-superblock",
            r"^diskutil (?:eraseDisk|eraseVolume|reformat)",
            r"^format [a-zA-Z]:",
            r"^diskpart\b",
            r"^debugfs\b.*-w",
            r"^debugfs /dev/",
            r"^tune2fs\b",
            r"^flashrom -[wE]",
        ),
    ),
    (
        "syntax",
        "removes what a lost commit could be got back from; leave the reflog to git",
        (r"^git reflog expire\b.*--expire(?:-unreachable)?=(?:now|all)\b",),
    ),
    (
        "syntax",
        "destroys what runs or is stored elsewhere, without asking; a person does that",
        (
            r"^aws\b.*\bs3 rb\b.*--force",
            r"^aws\b.*\bs3 rm\b.*s3://[\w.-]+/? .*--recursive|^aws\b.*--skip-final-snapshot",
            r"^aws\b.*\b(?:terminate-instances|delete-(?:db-|cluster|stack|table|bucket|vpc|user|key|hosted-zone"
            r"|file-system|backup))",
            r"^(?:gcloud|gsutil)\b.*\b(?:delete|rb)\b.*(?:--quiet|-q\b)|^gsutil\b.*\brm -r\b",
            r"^az\b.*\bdelete\b.*(?:--yes|-y\b)|^doctl\b.*\bdelete\b.*(?:--force|-f\b)",
            r"^kubectl\b.*\bdelete\b.*(?:\b(?:ns|namespaces?|pvc|pv|crd|nodes?)\b|--all\b)",
            r"^helm\b.*\b(?:uninstall|delete)\b.*\bprod",
            r"^(?:docker|podman)\b.*\b(?:system|volume) prune\b.*(?:-\w*a\w*f|--volumes)",
            r"^(?:docker|podman) volume rm\b.*\$\((?:docker|podman) volume ls",
            r"^gh\b.*\brepo delete\b.*(?:--yes|--confirm)|^heroku\b.*destroy\b.*--confirm"
            r"|^(?:fly|flyctl)\b.*destroy\b.*-y",
            r"^redis-cli\b.*\bflush(?:all|db)\b|^mysqladmin\b.*\bdrop\b",
            r"^(?:psql|mysql|mariadb|sqlcmd|clickhouse-client)\b(?!.*(?:localhost|127\.0\.0\.1|test)).*"
            r"\b(?:drop (?:database|schema)|truncate(?: table)?)\s",
            r"^(?:psql|mysql|mariadb|sqlcmd|clickhouse-client)\b(?=.*(?:prod|://|-h\s*[\w-]+\."
            r"|--host[= ][\w-]+\.|\$|\ufffd))"
            r"(?!.*(?:localhost|127\.0\.0\.1|test)).*\b(?:drop table\s|delete from [\w.\"`]+\s*(?:;|$)"
            r"|update [\w.\"`]+ set\b(?!.*\bwhere\b))",
            r"^mongo(?:sh)?\b.*(?:dropDatabase|\.drop\(|deleteMany\(\s*\{\s*\}\s*\))",
            r"^eksctl\b.*\bdelete cluster\b|^kops\b.*\bdelete cluster\b.*--yes|^dropdb\b(?!.*(?:test|localhost|tmp))",
            r"^(?:rails|rake|bin/rails|bundle exec (?:rails|rake))\b.*\bdb:(?:drop|reset)\b.*(?:production"
            r"|DISABLE_DATABASE)",
            r"^(?:php )?artisan (?:migrate:fresh|db:wipe)\b.*--force|^(?:npx )?prisma (?:migrate reset"
            r"|db push)\b.*(?:--force\b|--force-reset)",
            r"^velero\b.*\bdelete\b.*--confirm|^etcdctl\b.*\bdel\b.*(?:--prefix|--from-key)"
            r"|^vault\b.*\b(?:secrets disable|operator seal)\b",
            r"^argocd app delete\b.*(?:-y\b|--yes)|^nomad\b.*\bstop\b.*-purge|^kafka-topics\S*\b.*--delete\b",
        ),
    ),
    (
        "syntax",
        "removes the system or a person's files",
        (
            r"^del\b.*\s/[sS]\b.*[A-Za-z]:\\",
            r"^rd /s\b.*[A-Za-z]:\\",
            r"^rmdir /s\b.*[A-Za-z]:\\",
            r"^Remove-Item\b.*-Recurse\b.*(?:[A-Za-z]:\\(?:Users|Windows)?|\$env:(?:USERPROFILE|SystemRoot)|~)",
            r"^cipher /w",
        ),
    ),
    (
        "privilege",
        "talks to the container daemon, which runs as root",
        (r"(?:^curl|^nc|^socat|^ncat)\b.*(?:docker|containerd|crio)\.sock",),
    ),
    (
        "resources",
        "floods another machine",
        (
            r"^ab\b.*-n\s*\d{7,}",
            r"^hping3\b.*--flood",
            r"^slowloris",
            r"^(?:hulk|goldeneye|loic)\b",
            r"^ping\b.*-f\b.*-s\s*\d{4,}",
            r"^siege\b.*-c\s*\d{4,}",
        ),
    ),
    (
        "imports",
        "installs a package that nobody vouches for",
        (r"^(?:dpkg -i|rpm -\w*[iU]\w*|apt(?:-get)? install|dnf install|yum install)\b.*\bhttps?://(?:\d+\.){3}\d+",),
    ),
)
_COMPILED = tuple((name, expression("|".join(patterns), re.IGNORECASE), why) for name, why, patterns in _KNOWN)

_ANY = expression("|".join(p for _, _, patterns in _KNOWN for p in patterns), re.IGNORECASE)


def judge_line(argv: list[str]) -> Iterator[tuple[Name, str]]:
    """Yield (check, reason) for a command line that is known for a danger."""
    line = " ".join(argv)[:4000]
    line = (
        line.rsplit("/", 1)[-1]
        if line.startswith("/") and " " not in line
        else re.sub(r"^\S*[/\\](?=[\w.]+\s)", "", line)
    )
    for name, why in _known(line):
        yield name, f"`{line[:60]}` {why}"


@lru_cache(maxsize=4096)
def _known(line: str) -> tuple[tuple[Name, str], ...]:
    if not _ANY.search(line):
        return ()
    return tuple((name, why) for name, pattern, why in _COMPILED if pattern.search(line))
