#!/usr/bin/env python3
"""Runs the tests against the mutants that dotnet-stryker made, many mutants in one process, and says which survive.

Called by eng/mutation.sh, which describes it. In DIR: run/ (the tests with the mutated library and the runner), made.log and made.dll (stryker's log and the
mutated library), made.json (the mutants, in the form of stryker's report, written here from the two), coverage.json (which test passes which mutant),
results.jsonl (a line a mutant; what is there is not run again), report.json (stryker's format), scores.md.
"""
import argparse, collections, json, math, os, pathlib, queue, random, re, statistics, struct, subprocess, sys, threading, time

# what an error or a name says is not mutated: a wrong text is found by reading it
TEXTS = ("StringMutator", "InterpolatedStringMutator", "StringEmptyMutator")


class Ended(Exception):
    """The runner ended, or was ended, without an answer."""


class Runner:
    """A process that runs tests against one mutant after the other."""

    def __init__(self, directory):
        run = directory / "run"
        name = run / "MiniMind.MLNet.Dpo.Tests"
        self.process = subprocess.Popen(
            ["dotnet", "exec", "--depsfile", f"{name}.deps.json", "--runtimeconfig", f"{name}.runtimeconfig.json", run / "MiniMind.MLNet.Dpo.MutantRunner.dll"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace", cwd=run,
            env={**os.environ, "DOTNET_TieredPGO": "0"})
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        self.mutants = 0

    def read(self):
        for line in self.process.stdout:
            at = line.find("##")
            if at >= 0:
                self.lines.put(line[at + 2:].rstrip("\n").split("\t"))
        self.lines.put(None)

    def used(self):
        """Seconds of the processor and resident bytes so far."""
        try:
            with open(f"/proc/{self.process.pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            return 0.0, 0

    def ask(self, *words, seconds=120.0):
        """The answer's lines; Ended("...") after that many seconds of the processor, a minute without any, or 3 GiB of memory."""
        begun = moved = self.used()[0]
        at = time.monotonic()
        try:
            self.process.stdin.write(" ".join(words) + "\n")
            self.process.stdin.flush()
        except OSError:
            raise Ended("crash")
        answer = []
        while True:
            try:
                line = self.lines.get(timeout=1)
            except queue.Empty:
                now, memory = self.used()
                if now > moved + 0.1:
                    moved, at = now, time.monotonic()
                if now > begun + seconds or time.monotonic() > at + 60 or memory > 3 << 30:
                    self.end()
                    raise Ended("timeout")
                continue
            if line is None:
                raise Ended("crash")
            if line == ["end"]:
                return answer
            answer.append(line)

    def end(self):
        self.process.kill()
        self.process.wait()


def compiled(library):
    """The mutants that are in an assembly, by the calls that ask for each: ldc.i4 ID, call IsActive. The others did not compile."""
    data = library.read_bytes()
    calls = [(struct.unpack("<i", call[1])[0], call[2]) for call in re.finditer(rb"\x20(....)\x28(..\x00\x06)", data, re.DOTALL)]
    switch = collections.Counter(method for _, method in calls).most_common(1)[0][0]
    found = {mutant for mutant, method in calls if method == switch}
    found |= {call[1][0] for call in re.finditer(rb"\x1f(.)\x28" + re.escape(switch), data, re.DOTALL)}  # ldc.i4.s
    return found | {i for i in range(9) if bytes([0x16 + i]) + b"\x28" + switch in data}  # ldc.i4.0 to 8


def read_made(directory):
    """The mutants, from stryker's log at debug level: "Mutating FILE", then "Mutant ID created BEFORE -> AFTER using MUTATOR" for each."""
    there = compiled(directory / "made.dll")
    files, source, at, places = {}, "", 0, {}
    log = (directory / "made.log").read_text(errors="replace")
    for entry in re.split(r"\n?\[\d\d:\d\d:\d\d [A-Z]{3}\] ", log):
        if begun := re.match(r"Mutating (/\S+)", entry):
            source, at, places = pathlib.Path(begun[1]).read_text(), 0, {}
            files[begun[1]] = {"language": "cs", "source": source, "mutants": []}
        made = re.match(r"Mutant (\d+) created (.*) using Stryker\.(?:Core\.Mutators|RegexMutators)\.(\w+)", entry, re.DOTALL)
        if not made:
            continue
        before, _, after = made[2].rpartition(" -> ")
        # a node's mutants follow those of the nodes around it: what stands in the file more than once is looked for a little before the last place, and
        # behind where the same was made of the same
        found = source.find(before, max(0, at - 400, places.get((before, after), -1) + 1)) if source.count(before) > 1 else source.find(before)
        at = places[before, after] = found if found >= 0 else at
        start, end = source[:at], source[:at + len(before)]
        nothing = start.endswith("ConfigureAwait(")  # there is no context to come back to
        status = "Ignored" if made[3] in TEXTS or nothing else "Pending" if int(made[1]) in there else "CompileError"
        list(files.values())[-1]["mutants"].append({
            "id": made[1], "mutatorName": made[3].removesuffix("Mutator"), "replacement": after, "status": status,
            "location": {"start": {"line": start.count("\n") + 1, "column": at - start.rfind("\n")},
                         "end": {"line": end.count("\n") + 1, "column": len(end) - end.rfind("\n")}}})
    return {"schemaVersion": "1", "thresholds": {"high": 90, "low": 80}, "files": files}


def cover(directory, parts, sessions):
    """What each test passes: {class: {id: [name, outcome, ms, [mutants], [those in static parts]]}}."""
    path = directory / "coverage.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    # a class whose file has changed since is looked at anew
    root = pathlib.Path(__file__).resolve().parent.parent / "tests"
    changed = {file.stem for file in root.rglob("*Tests.cs") if known and file.stat().st_mtime > path.stat().st_mtime}
    known = {name: tests for name, tests in known.items() if name.rpartition(".")[2] not in changed}
    runner = Runner(directory)
    classes = [line[0] for line in runner.ask("classes", "|".join(parts))]
    runner.end()
    todo, lock = queue.Queue(), threading.Lock()
    for name in classes:
        if name not in known:
            todo.put(name)

    def work():
        runner = Runner(directory)
        while True:
            try:
                name = todo.get_nowait()
            except queue.Empty:
                runner.end()
                return
            tests = {}
            for id, display in runner.ask("list", name):
                try:
                    outcome, ms, passed, message = (runner.ask("cover", name, id, seconds=300)[0] + [""])[:4]
                except Ended as ended:
                    outcome, ms, passed, message = "failed", "0", ";", str(ended)
                    runner = Runner(directory)
                    runner.ask("list", name)
                if outcome == "failed":
                    print(f"  fails without a mutant, left out: {display}: {message[:200]}", flush=True)
                every, static = ([int(i) for i in part.split(",") if i] for part in passed.split(";"))
                tests[id] = [display, outcome, int(ms), every, static]
            with lock:
                known[name] = tests
                path.write_text(json.dumps(known))

    in_threads(work, sessions)
    return {name: known[name] for name in classes}


def in_threads(work, count):
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def left(runner, alone):
    """The runner after a mutant; what is static in one that had a mutant to itself was made with it."""
    if not alone:
        return runner
    runner.end()
    return None


def try_mutant(directory, runner, mutant, plan, alone):
    """(the runner to go on with, status, which test)."""
    for attempt in range(2):
        if runner is None or alone or attempt or runner.mutants > 400:
            if runner:
                runner.end()
            runner = Runner(directory)
        runner.mutants += 1
        try:
            for name, ids, ms in plan:
                answer = runner.ask("run", str(mutant), name, ",".join(ids), seconds=20 + ms / 1000 * 8)[0]
                if answer[0] == "killed":
                    break
            else:
                return left(runner, alone), "Survived", ""
        except Ended as ended:
            return None, "Timeout" if str(ended) == "timeout" else "RuntimeError", name
        if attempt == 1 or not answer[1]:
            return left(runner, alone), "Killed", f"{name}: {answer[2]}"
        try:
            if alone or runner.ask("run", "-1", name, answer[1], seconds=120)[0][0] == "survived":
                return left(runner, alone), "Killed", f"{name}: {answer[2]}"
        except Ended:
            runner = None
        # the test fails without the mutant too: an earlier mutant left something behind, so it is tried again in a process of its own


def affordable(plan, budget):
    """The steps of a plan that the budget allows, the first ones first; one at least."""
    kept, spent = [], 0
    for step in plan:
        if kept and spent + step[2] > budget:
            continue
        spent += step[2]
        kept.append(step)
    return kept


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("folders", help="JSON: name -> {code, tests, sample}")
    parser.add_argument("-j", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="runs survivors and what no test reached again")
    parser.add_argument("--budget", type=float, default=30, help="seconds of the processor that tests may take for a mutant")
    parser.add_argument("--floor", type=float, default=80)
    arguments = parser.parse_args()
    directory = arguments.directory.resolve()
    folders = json.loads(arguments.folders)
    made = directory / "made.json"
    if not made.exists():
        made.write_text(json.dumps(read_made(directory)))
    report = json.loads(made.read_text())

    mutants = {}
    for file, content in report["files"].items():
        lines = content["source"].splitlines()
        for mutant in content["mutants"]:
            start, end = mutant["location"]["start"], mutant["location"]["end"]
            line = lines[start["line"] - 1]
            text = line[start["column"] - 1:end["column"] - 1] if start["line"] == end["line"] else line.strip() + " ..."
            mutants[int(mutant["id"])] = (file, mutant, text)
    covered = cover(directory, sorted({part for folder in folders.values() for part in folder["tests"]}), arguments.j)
    static = {m for tests in covered.values() for test in tests.values() for m in test[4]}

    results_path = directory / "results.jsonl"
    results = {}
    if results_path.exists():
        for line in results_path.read_text().splitlines():
            result = json.loads(line)
            results[result["id"]] = result

    order, plans = [], {}
    chosen = {}
    for name, folder in folders.items():
        mine = sorted(m for m, (file, mutant, _) in mutants.items()
                      if any(("/" + file).endswith(code) if code.endswith(".cs") else f"/{code}/" in "/" + file for code in folder["code"])
                      and mutant["status"] not in ("Ignored", "CompileError"))
        folder["all"] = len(mine)
        if folder.get("sample") and folder["sample"] < len(mine):
            mine = random.Random(1).sample(mine, folder["sample"])
        chosen[name] = mine
        by_class = {c: {i: t for i, t in tests.items() if t[1] == "passed" and t[2] <= arguments.budget * 1000}
                    for c, tests in covered.items() if any(part in c for part in folder["tests"])}
        reach = collections.defaultdict(lambda: collections.defaultdict(list))
        for c, tests in by_class.items():
            for i, test in tests.items():
                for m in test[3]:
                    reach[m][c].append(i)
        for m in mine:
            classes = {c: list(tests) for c, tests in by_class.items()} if m in static else reach[m]
            # tests named after the file first, then those that pass little else: they are about it
            stem = pathlib.Path(mutants[m][0]).stem
            plan = [(c, ids, sum(by_class[c][i][2] for i in ids)) for c, ids in classes.items() if ids]
            plan.sort(key=lambda step: (not step[0].endswith(f".{stem}Tests"), statistics.mean(len(by_class[step[0]][i][3]) for i in step[1])))
            plans[m] = affordable(plan, arguments.budget * 1000)
            before = results.get(m)
            if before and not (arguments.again and before["status"] in ("Survived", "NoCoverage")):
                continue
            if plan:
                order.append(m)
            else:
                results[m] = {"id": m, "status": "NoCoverage", "by": "", "seconds": 0}
    # mixed, so that what is there when a run is ended stands for all of it
    todo = queue.Queue()
    for m in random.Random(2).sample(order, len(order)):
        todo.put(m)
    total, lock, begun = todo.qsize(), threading.Lock(), time.monotonic()
    print(f"{total} mutants to run, {sum(m in static for m in plans)} of all in static parts", flush=True)

    def work():
        runner = None
        while True:
            try:
                m = todo.get_nowait()
            except queue.Empty:
                if runner:
                    runner.end()
                return
            at = time.monotonic()
            runner, status, by = try_mutant(directory, runner, m, plans[m], m in static)
            with lock:
                results[m] = {"id": m, "status": status, "by": by[:300], "seconds": round(time.monotonic() - at, 2)}
                with results_path.open("a") as file:
                    file.write(json.dumps(results[m]) + "\n")
                done = total - todo.qsize()
                if done % 50 == 0:
                    print(f"  {done} of {total} in {time.monotonic() - begun:.0f} s", flush=True)

    in_threads(work, arguments.j)
    return write(directory, report, mutants, chosen, folders, results, arguments.floor)


def write(directory, report, mutants, chosen, folders, results, floor):
    low = False
    lines = ["| folder | mutants | run | killed | timeout | survived | no test | score |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    survivors = []
    for name, mine in chosen.items():
        count = collections.Counter(results[m]["status"] for m in mine if m in results)
        killed, timeout = count["Killed"], count["Timeout"] + count["RuntimeError"]
        run = sum(count.values())
        score = 100 * (killed + timeout) / run if run else math.nan
        low |= not score >= floor
        every = folders[name]["all"]
        error = "" if run in (0, every) else f" ± {196 * math.sqrt(score / 100 * (1 - score / 100) / run * (1 - run / every)):.1f}"  # at 95 %
        lines.append(f"| {name} | {every} | {run} | {killed} | {timeout} | {count['Survived']} | {count['NoCoverage']} | {score:.1f} %{error} |")
        survivors += ["", f"## {name}", ""]
        for m in mine:
            if m in results and results[m]["status"] in ("Survived", "NoCoverage"):
                file, mutant, text = mutants[m]
                place, after = f"{file.rpartition('/src/')[2]}:{mutant['location']['start']['line']}", " ".join(mutant["replacement"].split())[:160]
                survivors.append(f"- {results[m]['status']} {m} `{place}` {mutant['mutatorName']}: `{text}` -> `{after}`")
    for content in report["files"].values():
        for mutant in content["mutants"]:
            result = results.get(int(mutant["id"]))
            if result:
                mutant["status"], mutant["statusReason"] = result["status"], result["by"]
    (directory / "report.json").write_text(json.dumps(report))
    (directory / "scores.md").write_text("\n".join(lines + survivors) + "\n")
    print("\n".join(lines))
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
