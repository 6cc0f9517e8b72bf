"""What a repository is made of, what its rules ask for and it lacks, and what its history teaches. No I/O."""

from loopwright.scaffold.needs import read_needs
from loopwright.scaffold.plan import make_plan
from loopwright.scaffold.project import Project
from loopwright.scaffold.reading import read_project
from loopwright.scaffold.tree import Tree

__all__ = ["Project", "Tree", "make_plan", "read_needs", "read_project"]
