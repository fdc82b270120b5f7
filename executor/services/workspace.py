"""A data directory with everything that can be done in it: the door through which all else comes in."""

from __future__ import annotations

import threading
from functools import cached_property
from pathlib import Path
from types import TracebackType

from executor.data_dir import DataDir, Lock
from executor.database.session import Database
from executor.database.tables import NodeRun
from executor.deployments.deployments import Deployments
from executor.deployments.supervisor import Supervisor
from executor.engine.engine import Engine
from executor.engine.leftovers import ended_last
from executor.engine.world import World
from executor.environments import Environments
from executor.hosts.inventory import Inventory
from executor.hosts.keeping import HostKeeper
from executor.hosts.model import LOCAL
from executor.images.images import Images
from executor.launchers.base import Launcher, Say
from executor.launchers.docker.engine import DockerEngine
from executor.launchers.docker.fleet import DockerFleet
from executor.launchers.process import ProcessLauncher
from executor.services.artifacts import Artifacts
from executor.services.backup import Backup, back_up
from executor.services.datasets import Datasets
from executor.services.deployments import Services
from executor.services.drafts import Drafts
from executor.services.health import Health, health_of
from executor.services.hosts import Hosts
from executor.services.images import ImageShelf
from executor.services.meters import Meters
from executor.services.moving import settle_in
from executor.services.node_types import NodeTypes
from executor.services.notifications import Notifications
from executor.services.outlook import Outlook
from executor.services.pipelines import Pipelines
from executor.services.queue import Queue
from executor.services.runs import Runs
from executor.services.secrets import Secrets
from executor.services.templates import Templates
from executor.sources import Sources
from executor.store.store import ArtifactStore
from nodegraph.registry import DEFAULT_ROOT, Registry


class Workspace:
    """Opens a data directory. Use it as a context manager.

    `engine=True` runs the engine here, unless another process does: then that one runs what is submitted
    here, and this one takes its place should it leave. `exclusive=True` raises DataDirError instead.
    """

    def __init__(
        self,
        data_dir: Path | str | None = None,
        *,
        engine: bool = False,
        exclusive: bool = False,
        nodes_root: Path = DEFAULT_ROOT,
        cores: float | None = None,
    ) -> None:
        self.data_dir = DataDir(data_dir).create()
        self.nodes_root = nodes_root.absolute()
        self.may_run = engine
        self.engine: Engine | None = None
        self._cores = cores
        self._lock = Lock(self.data_dir)
        self._changing = threading.Lock()
        self._supervisor: Supervisor | None = None
        if exclusive and not self._lock.acquire():
            raise self._lock.refuse()
        try:
            self.database = Database(self.data_dir.database)
            self.store = ArtifactStore(self.data_dir.artifacts)
            if self._lock.held or not self._lock.taken():
                settle_in(self.database, self.data_dir)
            self.sources = Sources(self.data_dir, self.database)
            self.secrets = Secrets(self.data_dir.secrets)
            if engine:
                self.start_engine()
        except BaseException:
            self._lock.release()
            raise

    @cached_property
    def registry(self) -> Registry:
        """The node types."""
        return Registry.scan(self.nodes_root)

    @cached_property
    def environments(self) -> Environments:
        """The environments that node types run in."""
        return Environments(self.data_dir.envs, self.nodes_root)

    @cached_property
    def launchers(self) -> dict[str, Launcher]:
        """The ways to start attempts, by name."""
        return {"process": ProcessLauncher(self.environments), "docker": self.docker_fleet}

    @cached_property
    def inventory(self) -> Inventory:
        """The hosts that attempts may run on."""
        return Inventory(self.database, cores=self._cores)

    @cached_property
    def docker_fleet(self) -> DockerFleet:
        """Runs attempts in containers, on this machine and on others."""
        return DockerFleet(self.data_dir.root, self.inventory, self.environments)

    @cached_property
    def host_keeper(self) -> HostKeeper:
        """Looks at the hosts."""
        return HostKeeper(self.database, self.inventory, self.docker_fleet.engine)

    @cached_property
    def hosts(self) -> Hosts:
        """The hosts as people handle them."""
        return Hosts(self.database, self.inventory, self.host_keeper, self.docker_fleet)

    @cached_property
    def docker(self) -> DockerEngine:
        """The Docker engine of this machine; asked when something needs it."""
        return self.docker_fleet.engine(LOCAL)

    @cached_property
    def images(self) -> Images:
        """The container images of environments on this machine."""
        return self.docker_fleet.images(LOCAL)

    @cached_property
    def image_shelf(self) -> ImageShelf:
        """The container images of environments as people handle them."""
        return ImageShelf(self.docker_fleet.images, self.environments, self.hosts.get)

    @cached_property
    def deployments(self) -> Deployments:
        """Deployed services."""
        return Deployments(
            self.data_dir, self.database, self.environments, self.secrets.value, self.nodes_root
        )

    @cached_property
    def services(self) -> Services:
        """Deployed services as people look at them."""
        return Services(self.deployments)

    @cached_property
    def runs(self) -> Runs:
        """Start, follow, cancel runs."""
        return Runs(self)

    @cached_property
    def queue(self) -> Queue:
        """Who waits for a place."""
        return Queue(self.database)

    @cached_property
    def pipelines(self) -> Pipelines:
        """Pipelines and their versions."""
        return Pipelines(self.database, self.registry)

    @cached_property
    def drafts(self) -> Drafts:
        """What is changed in pipelines and not saved yet."""
        return Drafts(self.database)

    @cached_property
    def outlook(self) -> Outlook:
        """What the nodes of a pipeline would do if it were run now."""
        return Outlook(
            self.database, self.store, self.registry, self.sources, self.environments.digest,
            self.services.serves,
        )  # fmt: skip

    @cached_property
    def artifacts(self) -> Artifacts:
        """What runs have made."""
        return Artifacts(self.database, self.store)

    @cached_property
    def datasets(self) -> Datasets:
        """Uploaded datasets."""
        return Datasets(self.data_dir, self.database)

    @cached_property
    def node_types(self) -> NodeTypes:
        """Node types, described."""
        return NodeTypes(self.registry)

    @cached_property
    def templates(self) -> Templates:
        """The gallery."""
        return Templates()

    @cached_property
    def meters(self) -> Meters:
        """Runs, nodes, hosts and the queue in numbers."""
        return Meters(self.database, self.inventory)

    @cached_property
    def notifications(self) -> Notifications:
        """Who is told of runs."""
        return Notifications(self)

    @property
    def attended(self) -> bool:
        """Whether an engine, here or in another process, is at work on this data directory."""
        return self._lock.taken()

    def health(self) -> Health:
        """Whether the engine and the database do their work."""
        return health_of(self.database, self.engine, elsewhere=self.engine is None and self.attended)

    def backup(self, target: Path) -> Backup:
        """Write a copy of the data directory to a directory that does not exist yet; runs may go on."""
        return back_up(self.data_dir, target, self.secrets.names())

    def start_engine(self, *, only: int | None = None) -> bool:
        """Run the engine here; False where another process does. `only` restricts it to one run."""
        with self._changing:
            if self.engine is not None:
                return True
            if not self._lock.acquire():
                return False
            self.datasets.clean()
            self.engine = Engine(self._world(), only=only)
            self.engine.start()
            if only is None:
                self.docker_fleet.resume(ended_last(self.database, "docker"))
                self._supervisor = Supervisor(self.deployments)
                self._supervisor.start()
                self.host_keeper.start()
                self.notifications.start()
            return True

    def stop_engine(self) -> None:
        """End the engine; attempts that run go on, and the next engine finds them."""
        with self._changing:
            if self._supervisor is not None:
                self._supervisor.close()
                self._supervisor = None
                self.host_keeper.close()
                self.notifications.close()
            if self.engine is not None:
                self.engine.stop()
                self.engine = None
            self._lock.release()

    def close(self) -> None:
        """End the engine and what the launchers keep ready, close the database; attempts live on."""
        self.may_run = False
        self.stop_engine()
        if "launchers" in vars(self):
            for launcher in self.launchers.values():
                launcher.close()
        if "docker_fleet" in vars(self):
            self.docker_fleet.close()
        self.database.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _on_service(self, artifact: Path, node_run: NodeRun, say: Say) -> None:
        self.deployments.deploy(artifact, run_id=node_run.run_id, node=node_run.node, say=say)

    def _service_alive(self, digest: str) -> bool:
        return self.deployments.service_alive(digest)

    def _world(self) -> World:
        return World(
            data_dir=self.data_dir, database=self.database, store=self.store, registry=self.registry,
            launchers=self.launchers, inventory=self.inventory, sources=self.sources,
            secret_values=self.secrets.values, environment_digest=self.environments.digest,
            on_service=self._on_service, service_alive=self._service_alive, resubmit=self.runs.resubmit,
            wake_sender=self.notifications.wake,
        )  # fmt: skip
