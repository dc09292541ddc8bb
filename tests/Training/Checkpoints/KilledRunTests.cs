using MiniMind.MLNet.Dpo.ResumeProbe;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>A run in a process that is killed, again and again.</summary>
public sealed class KilledRunTests
{
    [SkippableFact]
    public async Task Run_KilledAtTenMoments_EndsAsTheUninterruptedOneByteForByte()
    {
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "SIGKILL is Unix's");
        using TemporaryFolder folder = new();
        string whole = folder.File("whole.bin"), mended = folder.File("mended.bin"), checkpoints = folder.File("killed");
        Task<string> uninterrupted = Task.Run(() => ProbeProcess.TrainToEnd(folder.File("uninterrupted"), whole));
        Random random = new(20250601);
        // mid-accumulation, inside evaluations and inside the files of a checkpoint; a step has 3 micro-batches, an evaluation 3 batches, a checkpoint about 50
        // writes
        (RunEvent Event, int Most, int Further)[] kinds = [(RunEvent.MicroBatch, 10, 3), (RunEvent.EvaluationBatch, 4, 3), (RunEvent.FileWrite, 80, 20)];

        for (int kill = 0; kill < 10; kill++)
        {
            (RunEvent end, int most, int further) = kinds[kill % kinds.Length];
            ProbeProcess.TrainAndKill(checkpoints, mended, end, random.Next(1, most + 1), random.Next(0, further + 1));
            File.Exists(mended).Should().BeFalse("the run has not ended");
        }
        string said = ProbeProcess.TrainToEnd(checkpoints, mended);

        await uninterrupted;
        said.Should().Contain("Training goes on from step", "the kills were in the middle of the run");
        said.Should().NotContain("damaged", "a kill leaves a checkpoint whole or not at all");
        File.ReadAllBytes(mended).Should().Equal(File.ReadAllBytes(whole),
            "weights, best weights, moments, scaler, evaluations, what guards remember, and history are those of the uninterrupted run");
    }
}
