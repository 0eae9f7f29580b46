"""Makes the inputs of the speed benchmarks: streams and folders of Kubernetes manifests, an Argo workflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

MIRROR = "mirror.example.com/"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{number}
  namespace: shop
  labels:
    app: web-{number}
spec:
  replicas: {replicas}
  selector:
    matchLabels:
      app: web-{number}
  template:
    metadata:
      labels:
        app: web-{number}
    spec:
      containers:
      - name: main
        image: {image}  # pinned
        ports:
        - containerPort: 8080
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web-{number}
  namespace: shop
  labels:
    app: web-{number}
  annotations:
    example.com/owner: "team-{team}"
spec:
  type: ClusterIP
  selector:
    app: web-{number}
  ports:
  - name: http
    port: 80
    targetPort: 8080
    protocol: TCP
  - name: metrics
    port: 9090
    targetPort: 9090
    protocol: TCP
"""
RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: speed}
documents: {kind: Deployment}
rules:
- id: mirror
  match: {container: '$.spec.template.spec.containers[*]'}
  when: container.image is not startswith('mirror.example.com/')
  actions:
  - set: container.image
    value: mirror.example.com/${ container.image }
"""
PLAIN_RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: speed}
documents: {kind: Deployment}
rules:
- id: replicas
  actions:
  - set: $.spec.replicas
    value: 7
"""
ITEM_RULES = """\
apiVersion: retouch/v1
kind: RuleSet
metadata: {name: speed}
rules:
- id: item
  match: {item: '$.items[?@.image == "old"]'}
  actions:
  - set: item.image
    value: new
"""
WORKFLOW_HEAD = """\
apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata:
  generateName: chain-
spec:
  entrypoint: chain
  templates:
"""
STEP = """\
  - name: step-{number}
    container:
      args: [--in, /tmp/inputs/data/data, --out, /tmp/outputs/result/data]
      command:
      - sh
      - -c
      - cp "$1" "$3"
      image: alpine
{inputs}    outputs:
      artifacts:
      - name: step-{number}-result
        path: /tmp/outputs/result/data
"""


def deployment(number: int, *, done: bool = False) -> str:
    """A Deployment whose image is to be prefixed, or with `done` has been."""
    image = f"{MIRROR if done else ''}nginx:1.{number % 30}"
    return DEPLOYMENT.format(number=number, replicas=number % 5 + 1, image=image)


def service(number: int) -> str:
    """A Service, in which there is nothing to do."""
    return SERVICE.format(number=number, team=number % 7)


def alternating(number: int) -> str:
    """J1: every second document is rewritten, the others are of another kind."""
    return service(number) if number % 2 else deployment(number)


def alike(number: int) -> str:
    """J1, where every document has to be read: the others are of the same kind, and done."""
    return deployment(number, done=number % 2 == 1)


def rare(number: int) -> str:
    """J2: one document in a hundred can match, and every second of these is to be rewritten."""
    return service(number) if number % 100 else deployment(number, done=number % 200 == 100)


def write_stream(path: Path, document: Callable[[int], str], *, documents: int = 0, size: int = 0) -> int:
    """A stream of so many documents, or of at least so many bytes; the number of documents."""
    number = written = 0
    with path.open("w") as stream:
        while number < documents or written < size:
            text = ("---\n" if number else "") + document(number)
            stream.write(text)
            written += len(text)
            number += 1
    return number


def write_folder(folder: Path, files: int) -> None:
    """Many files of ten documents, every second of which is to be rewritten."""
    folder.mkdir()
    for number in range(files):
        documents = (alternating(10 * number + place) for place in range(10))
        (folder / f"{number:05}.yaml").write_text("---\n".join(documents))


def write_items(path: Path, items: int) -> None:
    """One document with a long list; every tenth item is to be edited."""
    with path.open("w") as stream:
        stream.write("items:\n")
        stream.writelines(_item(number) for number in range(items))


def _item(number: int) -> str:
    return f"- name: item-{number}\n  image: {'new' if number % 10 else 'old'}  # {number}\n"


def write_workflow(path: Path, steps: int) -> None:
    """A workflow as the KFP compiler makes it: a chain of steps that pass a file on."""
    path.write_text(WORKFLOW_HEAD + "".join(_chain(steps)))


def _chain(steps: int) -> Iterator[str]:
    yield "  - name: chain\n    dag:\n      tasks:\n"
    for number in range(steps):
        yield f"      - name: step-{number}\n        template: step-{number}\n"
        if number:
            before = f"step-{number - 1}"
            yield f"        dependencies: [{before}]\n        arguments:\n          artifacts:\n"
            yield f"          - name: {before}-result\n"
            yield f"            from: '{{{{tasks.{before}.outputs.artifacts.{before}-result}}}}'\n"
    for number in range(steps):
        inputs = ""
        if number:
            inputs = "    inputs:\n      artifacts:\n"
            inputs += f"      - name: step-{number - 1}-result\n        path: /tmp/inputs/data/data\n"
        yield STEP.format(number=number, inputs=inputs)
