"""The words of a page that a newcomer may not know, explained where they first stand."""

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

from lowcap.report.links import slug

TERMS: Mapping[str, str] = {
    "verdict": (
        "Holds, fails or undecided: a claim holds when the whole interval of what was found lies "
        "on its side of the bound, fails when it lies on the other side, and is undecided when it"
        " crosses the bound. Not measured: the run lacks what it takes."
    ),
    "interval": (
        "A range around a measured value that holds the true one in 95 of 100 such experiments. "
        "With more seeds it gets narrower."
    ),
    "bound": (
        "The number that a result is held against, fixed before looking. “Ours” where the paper "
        "names none."
    ),
    "primary reading": (
        "The one way of measuring a claim, fixed beforehand, whose verdict counts. Other readings"
        " are shown beside it and decide nothing."
    ),
    "protocol": (
        "How networks are trained and scored: as the paper's released code does it (published), "
        "the same with fresh random seeds (replicated), or as one should (corrected)."
    ),
    "seed": (
        "The number from which all randomness of a network starts: its first weights and the "
        "order of its images. Equal networks of several seeds show what is chance."
    ),
    "F1": (
        "A score from 0 to 1 for two classes: the harmonic mean of precision and recall of one of"
        " them. Always answering that class scores about 0.67 if both are equally common."
    ),
    "AUC": (
        "Area under the ROC curve: the chance that a random member of one class gets a higher "
        "output than a random member of the other. 0.5 is guessing, whatever the threshold."
    ),
    "hidden unit": (
        "One neuron between the pixels and the answer: a weighted sum of the pixels, set to 0 "
        "where it is negative (ReLU)."
    ),
    "hidden size": "The number of hidden units.",
    "sparsity": "The share of a network's weights that are set to 0.",
    "pruning": (
        "Setting a network's smallest weights to 0. Unless said otherwise nothing is trained "
        "again afterwards."
    ),
    "listing C.1": "The paper's program for pruning, which takes the same share of each layer.",
    "critical capacity": "The smallest hidden size that is enough for a task by the rule named.",
    "linear classifier": "The simplest network: no hidden units, one weighted sum of the pixels.",
    "rank correlation": (
        "Spearman's: 1 if two quantities rise together in the same order, −1 if one falls as the "
        "other rises, 0 if there is no such order."
    ),
    "CKA": (
        "Centred kernel alignment: how alike two networks arrange the same images in their hidden"
        " units, from 0 to 1, whatever the units' order."
    ),
    "saliency": "Which pixels an answer depends on.",
    "finite differences": (
        "Saliency by trying: each pixel is changed a little, and the change of the answer is its "
        "value."
    ),
    "gradient": "The slope of the answer in each pixel: saliency by calculus.",
    "gradient descent": "Training by small steps, each down the slope of the loss in the weights.",
    "gradient step": "One change of all weights in training, from one batch of images.",
    "jackknife": "An interval from leaving out one seed at a time.",
    "epoch": "One pass over all training images.",
    "full-batch": "One step of training uses all images at once, so an epoch is a single step.",
    "mini-batch": "One step of training uses a few images, so an epoch has many steps.",
    "Jacobian norm": (
        "How strongly the answer reacts to a small change of the image: the length of the matrix "
        "of all its slopes."
    ),
    "generalization gap": "Accuracy on training images less accuracy on test images.",
    "transitions": (
        "How often a network changes from one linear piece to another along a path through the "
        "space of images."
    ),
    "mutual information": (
        "How many bits a unit's activity tells about the label; at most 1 for two classes."
    ),
    "core-second": "One second of one processor core.",
    "nats": "The unit of the loss: 0.69 is guessing between two classes.",
    "logit": "log(x / (1 − x)), which spreads out scores close to 1.",
    "s.d.": "Standard deviation: the usual distance from the mean.",
}
"""By the word as it stands in texts; its plural is found too."""


class Glossary:
    """Links the first place of each word to its explanation; remembers which were met."""

    def __init__(self, terms: Mapping[str, str] = TERMS) -> None:
        self.terms = terms
        self.met: dict[str, str] = {}
        longest_first = sorted(terms, key=len, reverse=True)
        words = "|".join(re.escape(term) for term in longest_first)
        self._find = re.compile(rf"(?<![\w-])({words})(s?)(?![\w-])", re.IGNORECASE)
        self._names = {term.lower(): term for term in terms}

    def explain(self, text: str) -> Markup:
        """The text as HTML, with a link at each word that was not met before."""
        parts, end = [], 0
        for match in self._find.finditer(text):
            term = self._names[match[1].lower()]
            if term in self.met:
                continue
            self.met[term] = self.terms[term]
            parts.append(escape(text[end : match.start()]))
            parts.append(
                Markup('<a class="term" href="#{}" title="{}">{}</a>').format(
                    term_id(term), self.terms[term], match[0]
                )
            )
            end = match.end()
        return Markup("").join([*parts, escape(text[end:])])


def term_id(term: str) -> str:
    """The id of a word's explanation on the page."""
    return f"word-{slug(term)}"
