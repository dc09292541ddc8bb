using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Makes sure that all ranks begin and end with the same weights.</summary>
internal sealed class ReplicaObserver : ITrainingObserver
{
    /// <exception cref="InvalidOperationException">They do not.</exception>
    public void Started(TrainingState state) => Require(state);

    /// <inheritdoc cref="Started" />
    public void Ended(TrainingState state) => Require(state);

    private static void Require(TrainingState state)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ReplicaCheck.RequireIdentical(state.Communicator,
            state.Parameters.Slices.Select(slice => (slice.Name, state.Parameters.Values.narrow(0, slice.Offset, slice.Length))));
    }
}
