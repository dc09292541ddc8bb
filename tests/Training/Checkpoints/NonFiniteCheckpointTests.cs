using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>A checkpoint that was kept after its run had diverged: training does not go on from it without a word.</summary>
public sealed class NonFiniteCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Resume_WeightsThatAreNoNumbers_SaysWhichAndWhatToDo()
    {
        using (RunBed diverged = new(_folder.Path))
        {
            using (no_grad())
                diverged.State.Network.named_parameters().Single(p => p.name == "model.norm.weight").parameter.fill_(float.NaN);
            new CheckpointWriter(new CheckpointFolder(_folder.Path)).Write(diverged.State, [], diverged.Identity, []);
        }
        using RunBed resumed = new(_folder.Path);

        FluentActions.Invoking(() => resumed.Resume()).Should().Throw<WeightFileException>()
            .WithMessage("*step-00000000*'model.norm.weight'*16 NaN of 16*delete this checkpoint*");
    }
}
