using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A feed-forward layer, or one of experts, that can run within a fused layer.</summary>
internal interface IFusedFeedForward
{
    /// <summary>Runs it forward without autograd; what it leaves for its backward pass lives in the current scope.</summary>
    /// <param name="rows">(N, hidden) in the compute type.</param>
    /// <param name="context">The pass.</param>
    IFeedForwardPass Fuse(Tensor rows, ForwardContext context);
}
