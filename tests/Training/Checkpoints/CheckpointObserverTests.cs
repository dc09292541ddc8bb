using System.Security.Cryptography;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

public sealed class CheckpointObserverTests
{
    [Fact]
    public void Run_ToTheEnd_KeepsTheNewestCheckpointsAndOneOfTheLastStep()
    {
        using TemporaryFolder folder = new();
        using RunBed bed = new(folder.Path);

        bed.Train();

        Entries(folder.Path).Should().Equal(".lock", "step-00000010", "step-00000012");
        bed.Warnings.Should().BeEmpty();
    }

    [Fact]
    public void Run_StoppedOrCancelled_KeepsTheStepAtWhichItStopped()
    {
        using TemporaryFolder folder = new();
        using CancellationTokenSource cancellation = new();
        using RunBed stopped = new(folder.File("stopped")), cancelled = new(folder.File("cancelled"));

        stopped.Train(observers: new RunBed.StopAfter(7));
        FluentActions.Invoking(() => cancelled.Train(cancellation: cancellation.Token, observers: new Cancelling(cancellation, 3))).Should()
            .Throw<OperationCanceledException>();

        Entries(folder.File("stopped")).Should().Equal(".lock", "step-00000005", "step-00000007");
        Entries(folder.File("cancelled")).Should().Equal(".lock", "step-00000003");
    }

    [Fact]
    public void Ending_ObserverThatChangesWeightsAtTheEnd_ComesAfterTheCheckpoint()
    {
        using TemporaryFolder folder = new();
        using RunBed plain = new(folder.File("plain")), changed = new(folder.File("changed"));

        plain.Train();
        changed.Train(observers: new ZeroingAtTheEnd());

        changed.Weights.Should().OnlyContain(value => value == 0, "keeping the best weights also happens at the end");
        string Kept(string name) => Path.Combine(folder.File(name), "step-00000012", "model.safetensors");
        File.ReadAllBytes(Kept("changed")).Should().Equal(File.ReadAllBytes(Kept("plain")));
    }

    [Fact]
    public void Checkpoint_AsAModel_HasConfigurationAndWeights()
    {
        using TemporaryFolder folder = new();
        using RunBed bed = new(folder.Path);
        bed.Train();

        string path = Path.Combine(folder.Path, "step-00000012", "model.safetensors");
        (ModelConfig config, IWeightSource weights) = ModelFolder.Open(path);

        using IWeightSource open = weights;
        using MiniMindNetwork network = new(config);
        StateDictLoader.Load(open, network.named_parameters().ToDictionary(p => p.name, TorchSharp.torch.Tensor (p) => p.parameter), config.TieWordEmbeddings);
        Fingerprint.Of(network).Should().Be(Fingerprint.Of(bed.State.Network));
        Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))).Should()
            .Be(WeightHash.Sha256(bed.State.Network), "the file is the one that saving the model gives");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    [InlineData(0.95)]
    public void Run_DiskFull_GoesOnAndSaysSoAndKeepsTheLastGoodCheckpoint(double room)
    {
        using TemporaryFolder folder = new();
        string full = folder.File("full");
        (byte[] weights, long size) = Undisturbed(folder.File("undisturbed"));
        using RunBed bed = new(full, OneEveryFive(full)), resumed = new(full);
        FullDisk disk = new((long)(room * size));

        bed.Train(path => path.Contains("00000005") ? File.Create(path) : disk.Create(path));
        Entries(full).Should().Equal(".lock", "step-00000005");
        resumed.Resume().Train();

        bed.State.Step.Should().Be(RunBed.TotalSteps);
        bed.Weights.Should().Equal(weights);
        bed.Warnings.Should().HaveCount(2).And.OnlyContain(w => w.Contains("No space left") && w.Contains("Training goes on") && w.Contains("that of step 5"));
        bed.Warnings[0].Should().Contain("The checkpoint of step 10 could not be kept");
        resumed.Weights.Should().Equal(weights, "the last good checkpoint is as it was");
    }

    [SkippableFact]
    public void Run_SmallDisk_GoesOnAndKeepsTheLastGoodCheckpoint()
    {
        using TemporaryFolder folder = new();
        (byte[] weights, long size) = Undisturbed(folder.Path);
        using SmallDisk disk = new(kilobytes: size * 3 / 2 / 1024); // room for one checkpoint and not for two
        using RunBed bed = new(disk.Path, OneEveryFive(disk.Path)), resumed = new(disk.Path, OneEveryFive(disk.Path));

        bed.Train();
        resumed.Resume().State.Step.Should().Be(5);

        bed.State.Step.Should().Be(RunBed.TotalSteps);
        bed.Weights.Should().Equal(weights);
        bed.Warnings.Should().HaveCount(2).And.OnlyContain(w => w.Contains("that of step 5"));
    }

    [Fact]
    public void Started_FolderOfARunThatGoesOn_Throws()
    {
        using TemporaryFolder folder = new();
        using RunBed first = new(folder.Path), second = new(folder.Path);

        FluentActions.Invoking(() => first.Train(observers: new Nested(() => second.Train()))).Should().Throw<IOException>()
            .WithMessage("*Does another run write there?*");
    }

    [Fact]
    public void Started_WhatAKilledRunLeft_IsRemoved()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File(".unfinished-00000003"));
        folder.Write(".unfinished-00000003/model.safetensors", [1, 2, 3]);
        using RunBed bed = new(folder.Path);

        bed.Train();

        Entries(folder.Path).Should().Equal(".lock", "step-00000010", "step-00000012");
    }

    private static CheckpointOptions OneEveryFive(string folder) => new() { Folder = folder, EverySteps = 5, Keep = 1 };

    private static (byte[] Weights, long CheckpointSize) Undisturbed(string folder)
    {
        using RunBed bed = new(folder);
        return (bed.Train().Weights, new DirectoryInfo(Path.Combine(folder, "step-00000012")).EnumerateFiles().Sum(file => file.Length));
    }

    private static IEnumerable<string> Entries(string folder) =>
        Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal);

    private sealed class Cancelling(CancellationTokenSource source, long step) : ITrainingObserver
    {
        public void Stepped(TrainingState state, StepResult result)
        {
            if (state.Step == step)
                source.Cancel();
        }
    }

    private sealed class ZeroingAtTheEnd : ITrainingObserver
    {
        public void Ended(TrainingState state) => state.Parameters.Values.fill_(0);
    }

    private sealed class Nested(Action act) : ITrainingObserver
    {
        public void Stepped(TrainingState state, StepResult result) => act();
    }

    /// <summary>Takes some bytes in all, and then says what a full disk says.</summary>
    private sealed class FullDisk(long room)
    {
        private long _room = room;

        public Stream Create(string path) => new Taking(this, path);

        private sealed class Taking(FullDisk disk, string path) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1)
        {
            public override void Write(byte[] buffer, int offset, int count)
            {
                disk._room -= count;
                if (disk._room < 0)
                    throw new IOException("No space left on device");
                base.Write(buffer, offset, count);
            }
        }
    }
}
