"""The words by which a sentence asks for a further change, and those of what sets it off."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading.patterns import Pattern

#: What is asked for.
UPDATE = Pattern(
    r"\b(?:update|regenerate|bump|increment|(?:comes?|ships?|goes|go) with (?:an? |its |the |new |matching )*"
    r"(?:migration|entry|"
    r"update|changeset)|accompanied by|(?:gets?|has|needs|have|need) (?:an? )?(?:new )?(?:(?:entry|line|row|note)"
    r"(?: with (?:an? )?\w+)? (?:in|to|under)|file `|fragment\b)|"
    r"requires? (?:an? |the )?(?:(?:corresponding|matching) )?(?:[\w-]+ )?[\w-]+ in `|"
    r"(?:must|should|need to) have (?:an? |their |matching |corresponding )*(?:entr(?:y|ies)|translations?|keys?|"
    r"strings?) in `|commit the (?:updated|regenerated|new|changed)|"
    r"go(?:es)? into|(?:needs?|requires?) (?:an?|the|its) (?![\w ]*(?:header|template))(?:[\w-]+ ){0,3}[\w-]+"
    r"(?= `[^`]*[./])|add (?:it|"
    r"them) (?:to|in) (?:the )?(?:[\w-]+ )?`|add (?:new )?(?:ones|variables|keys|entries)"
    r" (?:to|in|there)|"
    r"(?:is|are|be) (?:noted|described|documented|listed|mentioned|recorded|reflected|mirrored) in|means changing|"
    r"(?:must|should|needs? to|has to|have to) (?:also )?(?:change|be (?:changed|updated|described|documented))|"
    r"new (?:docs|documentation)|write (?:the )?(?:docs|documentation) for|has (?:an? )?counterpart in|"
    r"needs?: [^.;]{0,90}\bentry(?= in `)|"
    r"register (?:it|them|every|each|all|new|the)|export (?:it|them) from|adjust|"
    r"add (?:an? )?(?:entry|row|line|note|translations?|stor(?:y|ies)|"
    r"changeset)|commit both|in sync|recompile|reflect\w*|document|register(?:ed)?|"
    r"requires? (?:an? )?(?:new )?(?:migration|changeset|update|entry)|up[- ]to[- ]date|keep `[^`]+` current|"
    r"also (?:add|"
    r"update|change|"
    r"edit|run)|is updated|are updated|updated (?:for|if|when|where)|must be updated|be added to|added to|mirror|"
    r"rebuild|"
    r"(?:and|then|also) commit(?= (?:the )?(?:new )?`[^`]*[./])|means? (?:writing|adding|updating|bumping|"
    r"regenerating|editing)|requires? updating|to refresh|"
    r"(?:must|should|needs? to|has to) be (?:added|registered|listed|mocked|declared|exported) (?:to|in|from|at))\b|"
    r"更新|同步",
    re.IGNORECASE,
)


#: What sets it off.
WHEN = Pattern(
    r"\b(?:when(?:ever)?|if|after|on|for|any time|each time|every time|once)\b\s+(?:you(?:'re| are)?\s+|"
    r"we\s+)?((?:[\w-]+[ ,/]+){0,14}?(?:add(?:ing|ed|s)?|chang(?:e|ing|es|ed)|modif(?:y|ying|ied)|updat(?:e|"
    r"ing)|edit(?:ing)?|alter(?:ing|ed|s)?|bump(?:ing)?|extend(?:ing)?|introduc(?:e|ing)|creat(?:e|ing)|remov(?:e|"
    r"ing)|delet(?:e|ing)|renam(?:e|ing)|touch(?:ing)?|"
    r"upgrad(?:e|ing)|notable|new|altering|releas\w+|dependency changes)\b(?:[^,.;:]|[.:](?=\w))*)"
    r"|\bfor ([\w /-]{3,45}? changes)\b|:\s+(?:add|document|note|record) (?:all |any )?([\w -]{3,40}changes)\b|"
    r"^\W*document (?:all |any )?([\w -]{3,40}changes) in\b|\b(?:for|with) (?:new|complex|all|every|any|"
    r"each) ([\w-]+)|"
    r"^((?:adding|changing|"
    r"modifying|updating|editing|creating|removing|renaming)\b(?:[^,.;:→`]|`[^`]*`)*?)(?:→|->|means?|requires?|:|,|"
    r"must)"
    r"|\b(?:when(?:ever)?|if|each time|every time) ((?:[^,.;:`]|`[^`]*`){2,50}? changes?),"
    r"|\bafter (?:an? |every |each )?(?:new )?((?:database )?migrations?|schema changes?)\b"
    r"|^\W*([\w -]{3,30} changes) (?:needs?|requires?|must)\b"
    r"|^\W*(?:an? |any |every |each )?(change (?:in|to|of) [\w -]{3,40}?) (?:needs?|requires?|must|means?)\b"
    r"|\b(changes? (?:that|which) [^,.;:`]{3,40}?) (?:gets?|needs?|must|requires?)\b"
    r"|^\W*(?:never |don'?t |do not )?(?:chang|introduc|add|touch|modify|alter|edit|renam|remov)(?:e|ing)?"
    r" ((?:[^,.;:`]|`[^`]*`){1,60}?) without\b"
    r"|\bregister\s+(?:every|each|all|any|(?=new ))\s*(?:new\s+)?([^,.;:]{3,50}?)\s+(?:in|with|at)\b"
    r"|\b(?:changes? (?:to|in(?= `))|new|every|each|any|all)\s+((?:[^,.;:`]|`[^`]*`){1,50}?)\s+(?:must|should|"
    r"needs?|requires?|"
    r"has to|have to|are? added|added|go(?:es)? into|ha(?:s|ve) (?:an? )?(?:new )?(?:entry|line|row|note|"
    r"counterpart)|(?:comes?|"
    r"ships?|goes|go) with|gets?|goes into|"
    r"is (?:always )?accompanied|"
    r"(?:is|are) (?:always )?(?:noted|documented|described|listed|recorded) in)\b|(?:修改|新增|更改|"
    r"添加)(.{1,30}?)(?:时|后)",
    re.IGNORECASE,
)


CHANGELOG_ASKED = Pattern(
    r"^\W*(?:an? )?(?:new )?(?:entry|line|note|fragment) in `[^`]*(?:change|news|history|release)[^`]*`|"
    r"\b(?:update|add|include|write|create|curate|maintain|needs?|require[sd]?|record|summari[sz]e|"
    r"document(?!ation))\w*\b[^.;]{0,40}\b(?:changelog|changesets?|change files?|release notes?|"
    r"news ?fragments?)|"
    r"\b(?:add|include|write|create) (?:an? )?`\.?(?:changeset|changes?|news)/[^`]*`|"
    r"\bchangelog\b(?:\.md`?)?[^.;]{0,30}\b(?:updated|must|required|is updated|has (?:an? )?(?:new )?(?:line|entry))|"
    r"\bwithout (?:an? |the )?(?:changesets?|changelog entr\w+)\b|"
    r"\bchangesets?(?: is| are)? (?:created|added|included|present|required)\b",
    re.IGNORECASE,
)
