using System.Security.Cryptography;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

public sealed class ResumptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Checkpoints => _folder.File("checkpoints");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(8)]
    public void Resume_StoppedAtAnyStep_GivesTheUninterruptedWeightsAndHistory(long stop)
    {
        using RunBed whole = new(_folder.File("whole")), resumed = new(Checkpoints);
        whole.Train();
        Stop(stop, TrainingState.Cancelled);

        resumed.Resume().State.Step.Should().Be(stop);
        resumed.Train();

        resumed.Weights.Should().Equal(whole.Weights);
        resumed.History.Should().Equal(whole.History, "what was added up between two points is kept too");
        resumed.State.History.Select(p => p.Step).Should().Equal(4, 8, 12);
        resumed.State.EarlierTime.Should().BePositive();
        resumed.State.Elapsed.Should().BeGreaterThan(resumed.State.EarlierTime);
    }

    [Fact]
    public void Resume_EndedRun_TrainsNoFurther()
    {
        using RunBed ended = new(Checkpoints), again = new(Checkpoints), stopped = new(_folder.File("stopped")), stoppedAgain = new(_folder.File("stopped"));
        ended.Train();
        stopped.Train(observers: new RunBed.StopAfter(6));

        again.Resume().Train();
        stoppedAgain.Resume().Train();

        again.Weights.Should().Equal(ended.Weights);
        again.History.Should().Equal(ended.History);
        stoppedAgain.State.StopReason.Should().Be("enough", "what stopped the run would stop it again");
        stoppedAgain.Weights.Should().Equal(stopped.Weights);
    }

    [Fact]
    public void Resume_AnyFileOfTheNewestDamaged_FallsBackToTheOneBefore()
    {
        Stop(6, TrainingState.Cancelled);
        string newest = Path.Combine(Checkpoints, "step-00000006");
        Random random = new(1);
        string[] files = [.. Directory.EnumerateFiles(newest).Select(path => Path.GetFileName(path))];
        files.Should().BeEquivalentTo("model.safetensors", "config.json", "optimizer.safetensors", "state.json", "state.sha256");
        using RunBed unharmed = new(Checkpoints);
        unharmed.Resume().State.Step.Should().Be(6);

        foreach (string file in files)
        {
            string path = Path.Combine(newest, file);
            byte[] bytes = File.ReadAllBytes(path), flipped = [.. bytes];
            flipped[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            foreach (byte[]? damaged in new[] { flipped, bytes[..^1], bytes[..(bytes.Length / 2)], [], null })
            {
                if (damaged is null)
                    File.Delete(path);
                else
                    File.WriteAllBytes(path, damaged);
                using RunBed bed = new(Checkpoints);

                bed.Resume().State.Step.Should().Be(5, "{0} has {1} of {2} bytes", file, damaged?.Length, bytes.Length);
                bed.Warnings.Should().ContainSingle().Which.Should().Contain("step-00000006").And.Contain("The one before it is used");
            }
            File.WriteAllBytes(path, bytes);
        }
    }

    [Fact]
    public void Train_AfterFallingBack_SetsTheDamagedOneAsideAndEndsAsTheUninterruptedRun()
    {
        using RunBed whole = new(_folder.File("whole")), bed = new(Checkpoints);
        whole.Train();
        Stop(10, TrainingState.Cancelled);
        File.WriteAllBytes(Path.Combine(Checkpoints, "step-00000010", "state.json"), []);

        bed.Resume().Train();

        bed.Weights.Should().Equal(whole.Weights);
        Directory.EnumerateDirectories(Checkpoints).Select(path => Path.GetFileName(path)).Should()
            .BeEquivalentTo("step-00000010", "step-00000010.damaged", "step-00000012");
    }

    [Fact]
    public void Resume_AllDamaged_StartsAnewOrThrowsWhereOneIsRequired()
    {
        Stop(6, TrainingState.Cancelled);
        foreach (string path in Directory.EnumerateFiles(Checkpoints, "state.json", SearchOption.AllDirectories))
            File.Delete(path);
        using RunBed auto = new(Checkpoints), required = new(Checkpoints, Options(ResumeMode.Required)),
            none = new(_folder.File("none"), Options(ResumeMode.Required, _folder.File("none")));

        auto.Resume().State.Step.Should().Be(0);
        auto.Warnings.Should().HaveCount(2);
        FluentActions.Invoking(() => required.Resume()).Should().Throw<InvalidOperationException>().WithMessage("*no valid checkpoint: all 2 are damaged.");
        FluentActions.Invoking(() => none.Resume()).Should().Throw<InvalidOperationException>().WithMessage("*no valid checkpoint.");
    }

    [Fact]
    public void Resume_Never_RefusesAFolderWithCheckpoints()
    {
        using RunBed first = new(Checkpoints, Options(ResumeMode.Never)), second = new(Checkpoints, Options(ResumeMode.Never));
        first.Resume().Train();

        FluentActions.Invoking(() => second.Resume()).Should().Throw<InvalidOperationException>().WithMessage("*2 checkpoints, up to step 12*");
    }

    [Fact]
    public void Resume_OtherRun_IsRefusedWithAListAndNothingChanges()
    {
        Stop(6, TrainingState.Cancelled);
        using RunBed bed = new(Checkpoints) { Identity = RunBed.Runs(("LearningRate", "0.02"), ("Data", "11 pairs"), ("Beta", "0.1")) };
        byte[] before = bed.Weights;

        FluentActions.Invoking(() => bed.Resume()).Should().Throw<InvalidOperationException>().WithMessage(
            "*step-00000006' is of another run*: Beta is 0.1, in the checkpoint unknown; Data is 11 pairs, in the checkpoint 10 pairs; LearningRate is " +
                "0.02, in the checkpoint 0.01.*AllowDifferences*");

        bed.State.Step.Should().Be(0);
        bed.Weights.Should().Equal(before);
    }

    [Fact]
    public void Resume_OtherRunThatIsAllowed_GoesOnWithAWarning()
    {
        Stop(6, "enough");
        CheckpointOptions options = new() { Folder = Checkpoints, AllowDifferences = true };
        using RunBed bed = new(Checkpoints, options) { Identity = RunBed.Runs(("LearningRate", "0.02"), ("Data", "10 pairs")) };
        using RunBed sgd = new(Checkpoints, options, optimizer: parameters => new Sgd(parameters, new SgdOptions())) { Identity = bed.Identity };
        using RunBed shorter = new(Checkpoints, options, epochs: 1) { Identity = bed.Identity };

        bed.Resume().State.Step.Should().Be(6);
        bed.State.StopReason.Should().BeNull("another run need not stop where that one did");
        bed.Warnings.Should().ContainSingle().Which.Should().Contain("LearningRate is 0.02, in the checkpoint 0.01");
        sgd.Resume().State.Optimizer.StepCount.Should().Be(0);
        sgd.Warnings.Should().HaveCount(2).And.Contain(w => w.Contains("adamw state (exp_avg, exp_avg_sq) does not fit this run's sgd"));
        FluentActions.Invoking(() => shorter.Resume()).Should().Throw<InvalidOperationException>().WithMessage("*is at step 6, but*the run has 3 steps.");
    }

    [Fact]
    public void Resume_OtherSurroundings_GoesOnWithAWarning()
    {
        Stop(6, TrainingState.Cancelled);
        using RunBed bed = new(Checkpoints)
        {
            Identity = RunBed.Runs(
            ("LearningRate", "0.01"), ("Data", "10 pairs")) with
            { Surroundings = new() { ["Threads"] = "2" } }
        };

        bed.Resume().State.Step.Should().Be(6);

        bed.Warnings.Should().ContainSingle().Which.Should().Contain("Threads is 2, in the checkpoint 1").And.Contain("rounding");
    }

    [Fact]
    public void Resume_FormatOfANewerVersion_SaysToUpdate()
    {
        Stop(6, TrainingState.Cancelled);
        string folder = Path.Combine(Checkpoints, "step-00000006"), state = Path.Combine(folder, "state.json");
        File.WriteAllText(state, File.ReadAllText(state).Replace("\"Format\": 1", "\"Format\": 2"));
        File.WriteAllText(Path.Combine(folder, "state.sha256"), $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(state)))}  state.json\n");
        using RunBed bed = new(Checkpoints);

        FluentActions.Invoking(() => bed.Resume()).Should().Throw<NotSupportedException>().WithMessage("*format 2*newer version*Update the package.");
    }

    [Fact]
    public void Resume_ObserverWithAMemory_GetsItBack()
    {
        using Remembering before = new(), after = new();
        using RunBed first = new(Checkpoints), second = new(Checkpoints);
        first.Train(observers: [before, new RunBed.StopAfter(6, TrainingState.Cancelled)]);

        second.Resume(after);

        after.Steps.Should().Equal(before.Steps).And.HaveCount(6);
        after.Weights.bytes.ToArray().Should().Equal(before.Weights.bytes.ToArray()).And.Equal(first.Weights);
    }

    private CheckpointOptions Options(ResumeMode resume, string? folder = null) => new() { Folder = folder ?? Checkpoints, EverySteps = 5, Resume = resume };

    private void Stop(long step, string reason)
    {
        using RunBed bed = new(Checkpoints);
        bed.Train(observers: new RunBed.StopAfter(step, reason));
    }

    private sealed class Remembering : IResumableObserver, IDisposable
    {
        public List<long> Steps { get; private set; } = [];

        public Tensor Weights { get; private set; } = zeros(0);

        public string MemoryName => "remembering";

        public void Stepped(TrainingState state, StepResult step)
        {
            Steps.Add(state.Step);
            Keep(state.Parameters.Values);
        }

        public ObserverMemory Save() => new(JsonSerializer.SerializeToElement(Steps), new Dictionary<string, Tensor> { ["weights"] = Weights });

        public void Load(ObserverMemory memory)
        {
            Steps = memory.Values.Deserialize<List<long>>()!;
            Keep(memory.Tensors["weights"]);
        }

        public void Dispose() => Weights.Dispose();

        private void Keep(Tensor weights)
        {
            Weights.Dispose();
            Weights = weights.clone().DetachFromDisposeScope();
        }
    }
}
