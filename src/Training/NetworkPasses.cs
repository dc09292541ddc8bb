using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Chooses how a training pass keeps what its backward pass needs.</summary>
internal static class NetworkPasses
{
    /// <summary>Runs the network forward for training.</summary>
    public static INetworkPass Begin(MiniMindNetwork network, DeviceBatch batch, bool checkpointing) => checkpointing
        ? new CheckpointedPass(network, batch.InputIds, batch.Layout, batch.ComputeType, batch.TokenWeights)
        : new RetainedPass(network, batch.InputIds, batch.Layout, batch.ComputeType, batch.TokenWeights);
}
