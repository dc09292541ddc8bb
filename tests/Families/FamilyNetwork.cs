using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>A family's small model as a network, without a tokenizer.</summary>
internal static class FamilyNetwork
{
    public static MiniMindNetwork Load(FamilyCheckpoint checkpoint)
    {
        (ModelConfig config, IWeightSource weights) = ModelFolder.Open(ModelFolder.FindWeights(checkpoint.Path));
        using IWeightSource source = weights;
        MiniMindNetwork network = new(config);
        StateDictLoader.Load(source, network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter), config.TieWordEmbeddings);
        return network;
    }

    /// <summary>The numbers of a tensor as rows of a width.</summary>
    public static double[][] Rows(Tensor tensor) => [.. tensor.to(ScalarType.Float64).contiguous().data<double>().ToArray().Chunk((int)tensor.shape[^1])];

    /// <summary>The largest difference between two sets of rows.</summary>
    public static double Difference(IEnumerable<double[]> actual, IEnumerable<double[]> expected) =>
        actual.Zip(expected, (left, right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Max()).Max();
}
