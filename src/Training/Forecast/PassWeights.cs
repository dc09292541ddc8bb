using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>Which weights a pass gives gradients to, as far as its memory depends on it.</summary>
/// <param name="Layers">Decoder layers that a backward pass goes through.</param>
/// <param name="Head">Whether the head's matrix is trained.</param>
/// <param name="Format">How matrices are kept.</param>
/// <param name="LowRanks">Of all layers, the ranks of an adapter's pairs, summed.</param>
/// <param name="DroppedWidths">Of all layers, the widths of inputs that adapters' dropout acts on, summed.</param>
internal sealed record PassWeights(int Layers, bool Head, FrozenFormat Format, long LowRanks, long DroppedWidths)
{
    /// <summary>All weights are trained.</summary>
    public static PassWeights All(ModelConfig config) => new(config.LayerCount, true, FrozenFormat.Float32, 0, 0);

    /// <summary>None is: one layer at a time leaves something, until the next one runs.</summary>
    public static PassWeights None { get; } = new(1, false, FrozenFormat.Float32, 0, 0);

    /// <summary>Those of a network.</summary>
    public static PassWeights Of(MiniMindNetwork network)
    {
        IEnumerable<Modeling.Adapters.LowRankPair> pairs = network.Adapter?.Pairs.Values ?? [];
        return new(network.Config.LayerCount - Math.Max(0, network.Stack.LowestTrained), network.Head.IsTrained, network.Format,
            pairs.Sum(pair => pair.Rank), pairs.Where(pair => pair.Dropout > 0).Sum(pair => pair.Input));
    }

    /// <summary>Bytes that adapters leave in one layer, on average, for the backward pass.</summary>
    public long Kept(long rows, long compute) => Layers == 0 ? 0 : rows * (LowRanks + DroppedWidths) * compute / Layers;

    /// <summary>Whether the matrices of layers exist in the products' type, besides as they are kept, from the forward to the backward pass.</summary>
    public bool IsCast(ScalarType type, bool fused) => Format switch
    {
        FrozenFormat.Float32 => type != ScalarType.Float32,
        FrozenFormat.BFloat16 => type != ScalarType.BFloat16 && !fused,
        _ => !fused,
    };
}
