using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The memory of weights that are not trained.</summary>
internal static class FrozenBytes
{
    /// <summary>Those of a policy and all of a reference, once where both are the same memory.</summary>
    public static long Of(MiniMindNetwork policy, MiniMindNetwork? reference)
    {
        HashSet<nint> seen = [];
        IEnumerable<Tensor> frozen = Weights(policy).Where(weight => !weight.requires_grad).Concat(reference is null ? [] : Weights(reference));
        return frozen.Where(weight => seen.Add(TensorAddress.Of(weight))).Sum(weight => weight.numel() * weight.element_size());
    }

    private static IEnumerable<Tensor> Weights(MiniMindNetwork network) =>
        network.parameters().Concat(network.Adapter?.Parameters.Select(entry => entry.Parameter) ?? [])
            .Concat(network.Matrices.Values.Select(matrix => matrix.Scales).OfType<Tensor>());
}
