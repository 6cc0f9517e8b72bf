"""Constructs of a language as rules name them, each with the id of the detector that finds it in code."""

from __future__ import annotations

import re

from loopwright.guard.directives.reading.patterns import Pattern

#: Words of a rule that speaks against a construct -> detector id (see checks/rules/syntax). First match wins.
CONSTRUCTS: tuple[tuple[str, Pattern], ...] = tuple(
    (name, Pattern(pattern, re.IGNORECASE))
    for name, pattern in (
        ("as_any", r"`?\bas any\b`?|`as unknown as\b"),
        ("dict_any", r"`?dict\[str, ?any\]`?"),
        ("any_type", r"`any`|\bany types?\b|`Any`|\b(?:use|using|type with|with|implicit|no) any\b(?! \w)"),
        ("non_null", r"\bnon-null assertions?|\bforce[- ]unwrap\w*|`!` (?:operator|assertion)"),
        ("type_assertion", r"\btype assertions?\b|\bcast(?:s|ing)? (?:with|using) `as`|`as` keyword|"
                        r"`(?-i:as [A-Z])\w*`"),
        ("arrow_component", r"\barrow functions?\b.{0,60}\bcomponents?\b|\bcomponents?\b.{0,60}\barrow functions?\b"),
        ("arrow_declaration", r"`export const \w+ = \([^`]*=>|"
                              r"\barrow functions?\b.{0,40}\b(?:assignments?|named|exported|top-level|"
                              r"declarations?)\b|"
                              r"\b(?:named|exported|top-level)\b.{0,40}\barrow functions?\b"),
        ("arrow_function", r"\barrow functions?\b"),
        ("default_export", r"\bdefault exports?\b|`export default`"),
        ("class_component", r"\bclass(?:-based)? components?\b"),
        ("class", r"\b(?:use|using|no|avoid|write|create|of) (?:es6 |js |javascript |"
                  r"typescript )?class(?:es)?\b(?! names?| component| method| propert| attribute)"),
        ("enum", r"\benums?\b(?! (?:cases?|values?|members?|variants?))|`enum`"),
        ("namespace", r"\b(?:ts |typescript )namespaces?\b|`namespace`|\bnamespaces\b"),
        ("var", r"`var`|\bvar\b (?:declaration|keyword)"),
        ("nested_ternary", r"\bnested ternar|\bchained ternar"),
        ("ternary", r"\bternar(?:y|ies)\b"),
        ("barrel", r"\bbarrel (?:files?|exports?|imports?)|`index\.tsx?` re-?exports?|\bre-?export(?:s|"
                   r"ing)? from `index"),
        ("wildcard_import", r"\b(?:wildcard|star|glob) imports?\b|`(?:from \S+ )?import \*`|`import \*`"),
        ("bare_except", r"\bbare `?except\b|\bcatch-all exception|`except:`"),
        ("broad_except", r"`except Exception`|\bbroad(?:ly)?[- ](?:\w+ )?(?:except|catch)|\bgeneric exception|"
                        r"\bcatch(?:ing)? (?:(?:generic |bare |all |broad )+`?Exceptions?`?|`?(?-i:Exception)`?|"
                        r"`?exceptions? broadly)\b"),
        ("empty_catch", r"\bempty catch|\bswallow(?:ing|ed)? (?:errors?|exceptions?)|\bsilently (?:catch|swallow|"
                        r"ignor)\w* (?:errors?|exceptions?)"),
        ("try_except", r"\bcatch(?:ing)? exceptions?\b|`try`/`(?:except|catch)`|\btry/(?:except|catch)\b"),
        ("mutable_default", r"\bmutable default"),
        ("lambda", r"\blambdas?\b"),
        ("global", r"`global`|\bglobal (?:statement|keyword)"),
        ("eval", r"`eval(?:\(\))?`|\beval\(\)"),
        ("assert", r"`assert`(?! \w+\.)|\bassert statements?\b"),
        ("nested_function", r"\bnested functions?\b|\bfunctions? (?:inside|within|in) (?:other |another "
                            r")?functions?\b"),
        ("unsafe", r"`unsafe`|\bunsafe (?:code|blocks?)\b"),
        ("fstring_logging", r"\bf-strings? (?:in|for|with) log"),
        ("parametrize_form", r"`pytest\.mark\.parametrize`.*\b(?:tuple|list)\b"),
        ("local_import", r"\b(?:inline|local|lazy|nested|function-level|deferred) imports?\b|\bimports? (?:inside|"
                        r"within|in) (?:functions?|methods?)"),
        ("relative_import", r"\brelative imports?\b"),
        ("require_call", r"`require\(\)`|\bcommonjs\b|`require`"),
        ("throw", r"\bthrow statements?\b|`throw`(?! new)|"
                  r"\b(?:throw|throwing) exceptions?\b(?! for\b| when\b| that\b)"),
        ("goto", r"`goto`"),
        ("inheritance", r"\bmultiple inheritance\b"),
        ("inline_style", r"\binline (?:css )?styles?\b|`style=`|`style` prop"),
        ("magic_number", r"\bmagic numbers?\b"),
        ("ts_ignore", r"@ts-(?:ignore|nocheck|expect-error)"),
        ("dangerous_html", r"dangerouslySetInnerHTML"),
        ("function_declaration", r"`function` (?:keyword|declarations?)|\bfunction declarations?\b"),
        ("interface", r"`interface`"),
        ("let", r"`let`"),
        ("for_in", r"`for\.\.\.in`|`for in`"),
        ("skipped_test", r"^\W*(?:(?:no|avoid) )?(?:skipped|disabled) (?:(?:or|and) \w+ )?tests?\b|"
                         r"\b(?:disabl|skip)\w*\b[^.;]{0,15}\b(?:failing |broken |flaky |a |any )+tests?\b|"
                         r"`@?pytest\.mark\.skip`|\b(?:it|test|describe)\.skip\b|`x(?:it|describe)`"),
        ("focused_test", r"\b(?:it|test|describe)\.only\b|`\.only`|\bfocused tests?\b"),
    )
)  # fmt: skip

#: Rules that ask for a construct forbid its opposite.
OPPOSITES: tuple[tuple[str, Pattern], ...] = tuple(
    (name, Pattern(pattern, re.IGNORECASE))
    for name, pattern in (
        ("default_export", r"\b(?:use|prefer|only|always)\b[^.;]{0,30}\bnamed exports?\b|"
                           r"^named exports?\b|\bnamed exports? only\b"),
        ("class_component", r"\b(?:use|prefer|only|always|write)\b[^.;]{0,30}\bfunction(?:al)? components?\b|"
                        r"^function(?:al)? components?\b|\bwith (?:react )?function(?:al)? components?\b"),
        ("arrow_component", r"\bfunction declarations?\b[^.;]{0,40}\bcomponents?\b"),
        ("interface", r"\b(?:use|prefer)\b `?types?`? (?:over |instead of |rather than |\(not )`?interfaces?\b"),
        ("class", r"^\W*prefer functions (?:over|to) classes\b"),
        ("type_alias", r"\b(?:use|prefer)\b `?interfaces?`? (?:over\b|instead of\b|rather than\b|for\b|\(not `type)"),
        ("var", r"\b(?:use|prefer)\b `const`"),
        ("braceless", r"\b(?:always|use|must|require)\b[^.;]{0,30}\b(?:curly )?(?:braces|brackets)\b[^.;]{0,30}"
                      r"\b(?:control|ifs?|conditionals?|blocks?|loops?|statements?|single-line|one-line)|"
                      r"\bsurround\b[^.;]{0,40}\b(?:curly )?braces\b|\balways brace\b|\bcurly: ?(?:error|\[)|"
                      r"\b(?:omit|without|missing) (?:the )?(?:curly )?braces\b|"
                      r"\b(?:control statements?|ifs?|conditionals?|loops?|single-line blocks?) (?:must|should|"
                      r"need to|always) "
                      r"(?:have|use|get) (?:curly )?braces\b|\bbraces (?:are )?required\b"),
        ("block_namespace", r"\bfile-scoped namespaces?\b"),
        ("unscoped_enum", r"`enum class`[^.;]{0,40}\b(?:never|not|over|instead of|rather than|no)\b|"
                          r"\bun-?scoped enums?\b"),
        ("plain_enum", r"\b(?:use|prefer)\b (?:`const enum`|const enums)"),
    )
)  # fmt: skip

#: Wishes that a rule of a linter judges -> the rule's codes: ruff's for Python, others where the project has them.
LINTED: tuple[tuple[str, Pattern], ...] = tuple(
    (name, Pattern(pattern, re.IGNORECASE))
    for name, pattern in (
        ("final-newline", r"\b(?:end|ends|ending|finish)\b[^.;]{0,40}\bnewlines?\b(?! (?:character )?in)|"
                          r"\bnewline at (?:the )?(?:end of|EOF)|\b(?:final|trailing) newlines?\b"),
        ("trailing-whitespace", r"\b(?:no|without|remove|avoid|trim|strip|never|not)\b[^.;]{0,20}\btrailing (?:"
                                r"white ?spaces?|"
                                r"spaces?|blanks?)\b"),
        ("F401", r"\b(?:remove|no|avoid|delete|clean up)\b[^.;]{0,30}\bunused imports?\b|\bunused imports? (?:are|"
                 r"must|should)"),
        ("F401,F841", r"\bunused (?:imports?/variables|variables?|code|locals?)\b|\bmade unused\b|"
                      r"\bimports/variables\b"),
        ("I", r"\bimport (?:order(?:ing)?|sorting)\b|\b(?:sort|order|group|organi[sz]e)(?:ed)? (?:your |all |"
              r"the )?imports?\b|\bimports? (?:are |must be |should be )?(?:sorted|ordered|grouped|"
              r"organi[sz]ed)\b|^\W*imports?:? group(?:ed)? (?:as |by )?(?:stdlib|standard)|"
              r"\bimports?:? (?:order: )?(?:standard lib\w*|stdlib)\b"),
        ("F541", r"\bf-strings?\b[^.;]{0,60}\b(?:no|without) (?:variables?|placeholders?|interpolation)"),
        ("UP006", r"`list` instead of `(?:typing\.)?List`|\bbuilt-?in (?:generics?|collection types)\b|`(?:list|"
                  r"dict)\[[^`]*`[^.;]{0,20}instead of|instead of `(?:typing\.)?(?:List|Dict|Tuple|Set)`"),
        ("UP007,UP045", r"`\w+ ?\| ?None`[^.;]{0,30}\b(?:instead of|over|not|rather than)|"
                        r"instead of `(?:typing\.)?(?:Optional|Union)|\b(?:union|pipe) syntax\b|`X \| Y`|"
                        r"over `Optional"),
        ("UP", r"\b(?:modern|python 3\.\d+\+?) (?:type|typing|python) (?:syntax|hints?|features)|\bpyupgrade\b|"
               r"\btype syntax\b"),
        ("UP035", r"`collections\.abc`"),
        ("T201", r"\bno `?print(?:\(\))?`?\b|\b(?:use|using|avoid|never|not|don't|do not|remove|"
                 r"leave)\b[^.;]{0,30}`print(?:\(\))?`|\bprint (?:statements?|debugging)\b|"
                 r"instead of `?print(?:\(\))?`?\b"),
        ("UP032", r"\bf-strings? (?:over|instead of|rather than) `?(?:str\.)?(?:format|%)|"
                  r"\b(?:use|prefer)\b[^.;]{0,15}\bf-strings?\b(?! for log)"),
        ("E,F,W", r"\b(?:follow|adhere to|comply with|conform to|per|strict(?:ly)?)\b[^.;]{0,20}\bpep ?-?8\b|"
                  r"^\W*write [^.;]{0,20}\bto pep ?-?8\b|"
                  r"^pep ?-?8\b|^python:? pep ?8|\bpep ?-?8 (?:style|compliant|conventions?|guidelines?)"),
        ("D", r"\bpep ?-?257\b"),
        ("ANN", r"\bANN\d*\b"),
        ("D401", r"\bdocstrings?\b[^.;]{0,40}\bimperative\b|\bimperative\b[^.;]{0,20}\bdocstrings?\b"),
        ("DJ008", r"\bmodels?\b[^.;]{0,30}`__str__`"),
        ("B904", r"`raise \.\.\.[^`]* from[^`]*`|`raise \w+ from \w+`|\bexceptions? (?:are |is )?chained\b"),
        ("@typescript-eslint/no-floating-promises",
         r"\bfloating promises?\b|\b(?:async functions?|promises?) (?:are |is |must be |"
         r"must )?(?:always )?awaited\b"),
        ("S113", r"\b(?:requests?|calls?|http\w*|clients?)`?\b[^.;]{0,30}\b(?:set|sets|need|needs|have|has|with|"
                 r"pass|carry|an explicit)\b[^.;]{0,20}\btimeouts?\b|\bno (?:http|network|outgoing) (?:calls?|"
                 r"requests?) without (?:an? )?timeouts?\b"),
        ("PTH", r"^\W*paths are `?pathlib\b|^\W*paths?:? (?:via|with|through|using|use) `?pathlib\b|"
                r"\bpathlib(?:\.Path)?\b[^.;]{0,20}\b(?:over|instead of|rather than|not|"
                r"to (?:plain )?(?:string|str|os))\b|instead of `?os\.path"),
        ("E722", r"\bno bare except"),
        ("DTZ", r"\btimezone[- ]aware\b|\bnaive datetimes?\b|`datetime\.now\((?:tz=)?(?:timezone\.)?utc\)`"),
        ("B006", r"\bmutable default arguments?\b"),
        ("C901", r"\bcyclomatic complexity\b"),
        ("S608", r"\b(?:no|never|avoid|don't|not)\b[^.;]{0,30}\bstring (?:formatting|concatenation|"
                 r"interpolation) (?:in|for|to build) "
                 r"(?:sql |database )?(?:queries|query|sql)\b"),
        ("ERA001", r"\bcommented-out code\b"),
        ("G004", r"\bf-strings? in log"),
        ("S105,S106,S107", r"\bhard-?coded passwords?\b"),
        ("airbnb", r"\bairbnb\b"),
        ("google-style", r"\bgoogle (?:[\w+#]+ )?style ?guide\b|"
                         r"\bgoogle (?:c\+\+|java|python|shell|javascript|typescript|go) style\b"),
        ("standard", r"\bstandard ?js\b|\bjavascript standard style\b"),
        ("no-console", r"\bno-console\b|\b(?:no|remove|avoid|never|don't|do not)\b[^.;]{0,40}`?console\.log\b"),
        ("no-unused-vars", r"\bno-unused-vars\b"),
        ("no-duplicate-imports", r"\bduplicate imports?\b|\bimports? (?:twice|more than once)\b"),
        ("prefer-named-capture-group", r"\bcapture groups with names\b|\bnamed (?:regex )?capture groups?\b"),
        ("arrow-parens", r"\barrow function parameters?\b|\bparenthes\w+ (?:around|for) (?:single )?arrow\b"),
        ("brace-style", r"\b(?:open(?:ing)?)? ?(?:curly )?braces?\b[^.;]{0,20}\bsame line\b"),
        ("prefer-const", r"\bprefer-const\b"),
        ("eqeqeq", r"`===`"),
        ("jsx-a11y/alt-text", r"\b(?:images?|`?<?img>?`?)\b[^.;]{0,30}\balt\b"),
        ("import/no-cycle", r"\b(?:no|avoid|never|without|forbid\w*)\b(?!.*\b(?:unless|except|break|inside)\b)"
                            r"[^.;]{0,25}\b(?:(?:circular|cyclic) (?:imports?|dependenc(?:y|ies))|"
                            r"(?:imports?|dependency) cycles?)\b"),
        ("no-throw-literal", r"\bthrow(?:ing)? (?:strings?|literals?)\b"),
        ("react-hooks/exhaustive-deps", r"\bexhaustive[- ]dep(?:s|endenc)|\brules of hooks\b"),
    )
)  # fmt: skip
