"""Paths, hosts and programs that matter to safety, whatever language names them.

After published incidents: the PyPI and npm malware reports of 2018-2025 (event-stream, ua-parser-js, ctx, node-ipc,
Shai-Hulud), GTFOBins, the MITRE ATT&CK techniques T1003, T1053, T1059, T1496, T1543, T1546, T1548, T1552, T1611.
"""

from __future__ import annotations

import re

from loopwright.core.expression import expression

#: Stands in a text for a part that cannot be known before it runs.
HOLE = "\ufffd"

#: Files whose content is a secret and nothing else.
_SECRET = expression(
    r"^/dev/(?:k?mem|port)$|^/proc/kcore$|/etc/g?shadow\b|\.ssh[/\\](?:id_(?:(?:rsa|dsa|ecdsa|ed25519)\b(?!\.pub)|\*(?!\S*\.pub))|\*(?!\S*\.pub)|$|\ufffd$)|"
    r"\.aws[/\\](?:credentials|\*)|\.config[/\\]gcloud|\.azure[/\\]"
    r"|\.git-credentials|\.gnupg[/\\](?:private|secring|\*)|Login Data|Local Extension Settings|"
    r"nkbihfbeogaeaoehlefnkodbefgpgknn|logins\.json|key[34]\.db|"
    r"(?:Chrome|Chromium|Brave|Edge|Opera|Firefox|Mozilla).*[/\\]Cookies"
    r"|cookies\.sqlite|Local Storage[/\\]+leveldb|wallet\.dat|\.ethereum[/\\]|\.electrum|"
    r"[/\\]Exodus[/\\]|\.config[/\\]solana"
    r"|/proc/(?:\*|[0-9]+|\[0-9\]\*?|\ufffd)/(?:environ|mem)\b|secrets/kubernetes\.io|\.(?:bash|zsh|"
    r"sh)_history|\.python_history|Library/Keychains"
    r"|\.vault-token|\.terraform\.d/credentials|\.config[/\\]gh[/\\]hosts|"
    r"/etc/ssh/ssh_host_\w+_key(?!\.pub)|NTDS\.dit|config[/\\]SAM\b|\.pgpass",
    re.IGNORECASE,
)
#: Files that ordinary programs read as well: they matter once they leave the machine.
_PRIVATE = expression(
    r"/etc/passwd|\.netrc|\.npmrc|\.pypirc|\.docker[/\\]config\.json|\.kube[/\\]config|\.ssh\b|"
    r"\.aws\b|(?:^|[/\\])\.env(?:\.\w+)?$|\.cargo[/\\]credentials|\.gem[/\\]credentials"
    r"|\.gnupg\b|\.m2[/\\]settings|\.boto|\.s3cfg|\.config[/\\](?:gh|hub|op)\b",
    re.IGNORECASE,
)
_METADATA = expression(
    r"169\.254\.169\.254|metadata\.google\.internal|metadata\.azure\.com|100\.100\.100\.200|"
    r"169\.254\.170\.2|fd00:ec2::254"
)
_HARMLESS_METADATA = expression(
    r"api/token$|instance-identity|instance-(?:id|type)|placement|(?:local|public)-(?:ipv4|hostname)|/hostname$|ami-id|/zone$"
)
_STARTUP = expression(
    r"(?:^|[/\\~\ufffd])\.(?:vimrc|emacs|tmux\.conf|gdbinit|inputrc|screenrc|nanorc|bashrc|bash_profile|bash_login|bash_logout|bash_aliases|profile|zshrc|"
    r"zprofile|zshenv|zlogin|cshrc|kshrc|xinitrc|xprofile|xsessionrc)$"
    r"|/etc/(?:profile(?:\.d/|$)|bash\.bashrc|environment$|cron|anacrontab|udev/rules\.d|X11/Xsession|apt/apt\.conf\.d|NetworkManager/dispatcher|network/if-|logrotate\.d|rc\.local|init\.d/|"
    r"update-motd\.d/|xdg/autostart|ld\.so\.preload|inittab|modules-load\.d)"
    r"|/var/spool/cron|systemd/(?:system|user)/|/lib/systemd/|\.config/autostart|Launch(?:Agents|"
    r"Daemons)|(?:^|/)\.git/hooks/|/hooks/(?:pre|post|update|commit-msg)[\w-]*$|authorized_keys"
    r"|\.(?:claude|gemini)[/\\]settings(?:\.local)?\.json$|\.codex[/\\]config\.toml$|\.cursor[/\\]mcp\.json$"
    r"|\.vscode[/\\]tasks\.json$"
    r"|(?:site|user)customize\.py$|\.pth$|Start Menu.*Startup|CurrentVersion\\Run|"
    r"\.config/fish/(?:config\.fish|conf\.d)|\.ssh/rc$",
    re.IGNORECASE,
)
_SYSTEM = expression(
    r"^/etc/(?:passwd|shadow|gshadow|group|sudoers|pam\.d|security/|polkit-1|doas\.conf|"
    r"ssh/sshd_config(?:$|\.d/)|ld\.so\.conf|nsswitch|hosts\.allow|selinux)"
    r"|release_agent$|notify_on_release$|/core_pattern$|^/proc/(?:sys|sysrq-trigger|\d+/mem|self/mem|"
    r"1/)|^/sys/(?:kernel|module|fs/cgroup|class)|uevent_helper"
    r"|^/dev/(?:k?mem|port)$|docker\.sock|containerd\.sock|crio\.sock|^/usr/s?bin/|^/s?bin/|^/lib(?:64)?/|^/boot/"
    r"|^/usr/lib(?:64)?/(?:[\w-]+/)?(?:security/|lib(?:pam|c|ssl|crypto|nss_?\w*|ld)(?:[-.]\S*)?\.so)"
)
_DEVICE = expression(
    r"^/dev/(?:[shv]d[a-z]\d*|nvme\d|mmcblk\d|xvd[a-z]|disk\d|dm-\d|mapper/|loop\d|md\d)|^\\\\\.\\(?:PhysicalDrive|C:)"
)
_DOOMED = expression(
    r"^(?:/+\.?\**|(?:~|\$HOME|\$\{HOME\})(?:/+\.?\**)?|[A-Za-z]:[/\\]*(?:Users|Windows)?[/\\]*\**|%USERPROFILE%\S*"
    r"|/(?:home|root|etc|usr|var|bin|sbin|lib|lib64|boot|opt|srv|mnt|media|dev|proc|sys|Users|System|"
    r"Library|Applications)(?:/\**)?"
    r"|/var/lib/(?:postgresql|mysql|mongodb|docker|containerd|kubelet|etcd|redis|rabbitmq|elasticsearch|dpkg)(?:/\S*)?"
    r"|/home/[^/]+(?:/\**)?|/Users/[^/]+(?:/\**)?|/usr/(?:bin|sbin|lib|lib64|share|include|"
    r"local)(?:/\**)?|/var/(?:lib|log|spool|www|backups?)(?:/\**)?|/(?:boot|bin|sbin|lib|lib64)/.*"
    r"|~/(?:Documents|Desktop|Pictures|Downloads|Library|\.ssh|\.gnupg|\.config|\.local|\.aws|"
    r"\.kube)(?:/\**)?|/etc/(?:ssh|ssl|pam\.d|systemd|passwd|shadow)(?:/\**)?)$"
)
_MINER = expression(
    r"stratum\+(?:tcp|ssl|tls|udp)|\bxmrig\b|\bxmr-stak|minerd\b|\bcpuminer|\bethminer|\bnbminer|"
    r"\bt-rex\b.*-a|\bphoenixminer|nanominer|\blolminer|minexmr|supportxmr|nanopool\.org|2miners|"
    r"f2pool|"
    r"hashvault|moneroocean|nicehash\.com|coinhive|coin-hive|cryptonight|\brandomx\b|--donate-level|"
    r"kdevtmpfsi|kinsing\b|crypto-?loot|webminepool|deepMiner",
    re.IGNORECASE,
)
_POOL = expression(
    r"stratum\+(?:tcp|ssl|tls|udp)|minexmr|supportxmr|nanopool\.org|2miners|f2pool|hashvault|moneroocean|nicehash\.com"
    r"|coinhive|coin-hive|webminepool|herominers|unmineable|ethermine\.org|slushpool|antpool|(?:^|//)(?:xmr|pool|monero)[\w-]*\.[\w.-]+:(?:3333|4444|5555|7777|14444)\b",
    re.IGNORECASE,
)
#: Methods of the protocol that miners speak with their pool.
_MINING = expression(r"\bmining\.(?:subscribe|authorize|submit|notify)\b|stratum\+(?:tcp|ssl|tls)://", re.IGNORECASE)
_DROP = expression(
    r"pastebin\.com/raw|paste\.ee|hastebin|ix\.io|transfer\.sh|webhook\.site|requestbin|"
    r"pipedream\.net|ngrok|oast\.|burpcollaborator|interact\.sh|oastify|canarytokens|file\.io|"
    r"0x0\.st|anonfiles"
    r"|discord(?:app)?\.com/api/webhooks|api\.telegram\.org/bot|\.onion\b|termbin|gofile\.io|"
    r"dnslog\.|serveo\.net|trycloudflare\.com|beeceptor|hookbin|loca\.lt"
    # names that begin like those of well-known hosts
    r"|//(?:[^/\s]*@)?(?:\w+\.)?(?:github|gitlab|bitbucket|pypi|npmjs|pythonhosted|githubusercontent|rubygems|crates)"
    r"\.(?:com|org|io)(?:\.[a-z]|[:@][^/\s]*@|@)"
    # names that stand for an address, dynamic names, and top-level domains that are given away or mostly abused
    r"|^(?:git\+)?\w*:?/*[^/\s]*\.(?:nip\.io|sslip\.io|xip\.io|duckdns\.org|ddns\.net|hopto\.org|no-ip\.\w+|dyndns\.\w+"
    r"|top|xyz|tk|ml|ga|cf|gq|click|icu|buzz|cyou|rest|sbs|cfd|zip|mov|quest|monster|su|pw|bid|loan)(?:[:/]|$)",
    re.IGNORECASE,
)
_BARE = expression(
    r"^(?:(?:https?|ftp|tcp|ws)s?:)?//(?:\d{1,3}\.){3}\d{1,3}|^http://|^(?:\d{1,3}\.){3}\d{1,3}$", re.IGNORECASE
)
_LOCAL = expression(
    r"^(?:(?:\w+:)?//)?(?:localhost\b|0\.0\.0\.0|\[?::1|(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)[\d.]*(?:[:/]|$)|"
    r"host\.docker\.internal|[\w-]+(?::\d+)?(?:/|$))",
    re.IGNORECASE,
)
_SUID = expression(r"^0?[2467][0-7]{3}$|(?:^|,)[ugoa]*[+=][rwxXt]*s")
#: Environment variables whose value is a credential of one service: they go to that service and nowhere else.
_TOKEN = expression(
    r"^(AWS|GITHUB|GH|NPM|PYPI|TWINE|DOCKER|GITLAB|HEROKU|AZURE|GOOGLE|GCP|SLACK|STRIPE|OPENAI|"
    r"ANTHROPIC|CI_JOB)_.*(?:TOKEN|SECRET|KEY|PASSWORD|CREDENTIALS)",
    re.IGNORECASE,
)


def is_secret(path: str) -> bool:
    """True for a file that holds credentials: keys, shadow, browser stores, wallets, other processes' environments."""
    return bool(_SECRET.search(path)) and "known_hosts" not in path


def is_private(path: str) -> bool:
    """True for a file that must not leave the machine, though ordinary programs read it."""
    return is_secret(path) or bool(_PRIVATE.search(path))


def is_metadata(url: str) -> bool:
    """True for the address at which a cloud machine reads its own credentials."""
    return bool(_METADATA.search(url)) and not _HARMLESS_METADATA.search(url)


def is_startup(path: str) -> bool:
    """True for a file that is run at a login, a boot, a schedule or a later command."""
    return bool(_STARTUP.search(path))


def is_system(path: str) -> bool:
    """True for a file whose change gives rights over the machine."""
    return bool(_SYSTEM.search(path))


def is_device(path: str) -> bool:
    """True for a disk as a whole."""
    return bool(_DEVICE.search(path))


def is_doomed(path: str) -> bool:
    """True for a path whose removal loses the system or a person's files."""
    return bool(_DOOMED.match(path.replace('"', "").replace("//", "/").replace("\\\\", "\\")))


def is_miner(text: str) -> bool:
    """True for words of coin miners and their pools."""
    return bool(_MINER.search(text))


def speaks_to_pool(text: str) -> bool:
    """True for words of the protocol between miners and their pool (Stratum)."""
    return bool(_MINING.search(text))


def is_pool(host: str) -> bool:
    """True for the address of a miners' pool."""
    return bool(_POOL.search(host))


def is_shared(path: str) -> bool:
    """True for a place that every user of the machine may write."""
    return bool(re.match(r"/(?:tmp|var/tmp|dev/shm)\b", path))


def is_drop(url: str) -> bool:
    """True for services that malware sends to and loads from: paste sites, request bins, tunnels, chat webhooks."""
    return bool(_DROP.search(url))


def is_bare(url: str) -> bool:
    """True for a URL without encryption or with a public address instead of a name."""
    return bool(_BARE.search(url)) and not is_local(url)


def is_local(url: str) -> bool:
    """True for this machine, private networks and names without a dot."""
    return bool(_LOCAL.match(url))


#: A line that gives a name an address of another machine.
_REDIRECTED = expression(
    r"(?m)^\s*(?!127\.|0\.0\.0\.0|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)(?:\d{1,3}\.){3}\d{1,3}\s+[\w-]+\.[\w.-]+"
)


def redirects(path: str, text: str) -> bool:
    """True for a line of /etc/hosts by which a name leads to another machine."""
    return path == "/etc/hosts" and bool(_REDIRECTED.search(text))


def sets_id(mode: str) -> bool:
    """True for a mode that runs a program with its owner's rights."""
    return bool(_SUID.search(mode)) and not mode.startswith(("00", "02775", "2775", "1"))


def token_service(variable: str) -> str:
    """Return the service whose credential an environment variable holds, "" for any other."""
    found = _TOKEN.match(variable)
    return found[1].lower() if found else ""
