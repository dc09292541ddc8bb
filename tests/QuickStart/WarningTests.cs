using System.Diagnostics;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

/// <summary>What the QuickStart, as a process of its own, says where something is amiss.</summary>
public sealed class WarningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_RateThatMovesNothing_SaysSoAndWhatToSet()
    {
        string data = _folder.File("own.jsonl");
        File.WriteAllLines(data, File.ReadLines(TestFiles.Repository("examples", "QuickStart", "data", "train.jsonl")).Take(30));
        ProcessStartInfo start = TestProgram.Start("QuickStart.dll", $"--data={data}", "--epochs=1", "--learning-rate=4e-8");

        (int exit, string output, string errors) = TestProgram.Run(start);

        exit.Should().Be(0, errors);
        errors.Should().Contain("DpoTrainer warning: LearningRate 4e-8 (the default, MiniMind's for its own set) moves a weight by")
            .And.Contain("Set LearningRate, for example to");
        output.Should().Contain("Held-out pairs");
    }
}
