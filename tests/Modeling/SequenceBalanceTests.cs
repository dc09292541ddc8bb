using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>The load-balancing loss of MiniMind 2, against loops over each sequence's tokens.</summary>
public sealed class SequenceBalanceTests
{
    private static readonly ModelConfig s_config = new()
    {
        ModelType = "minimind", VocabularySize = 60, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, IntermediateSize = 64, QkNorm =
        false,
        Experts = new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 64, SharedCount = 1, BalancesSequences = true, AuxLossCoefficient = 0.1 },
    };

    [Fact]
    public void Loss_PackedWithSharedPrefix_IsTheMeanOfTheSequences()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network();
        PackedLayout layout = new([5, 4, 3, 6], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1)], ScalarType.Float32, CPU);
        float[] twice = [2, 2, 2, 2, 2, .. Enumerable.Repeat(1f, 13)];

        foreach (float[]? weights in new[] { null, twice }) // a prefix belongs to two sequences anyway
            Check(network, layout, 18, weights, [[.. Enumerable.Range(0, 9)], [0, 1, 2, 3, 4, 9, 10, 11], [.. Enumerable.Range(12, 6)]]);
    }

    [Fact]
    public void Loss_Padded_CountsThePaddingOnlyWithoutWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network();
        RectangularLayout layout = new(2, 6, CPU);

        Check(network, layout, 12, null, [[.. Enumerable.Range(0, 6)], [.. Enumerable.Range(6, 6)]]);
        Check(network, layout, 12, [1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [[.. Enumerable.Range(0, 6)], [6, 7, 8]]);
        Check(network, layout, 12, [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0], [[.. Enumerable.Range(0, 6)]]);
    }

    private static void Check(MiniMindNetwork network, IAttentionLayout layout, int rows, float[]? weights, int[][] sequences)
    {
        using Generator random = new(5);
        List<RouterChoice> trace = [];
        Tensor ids = randint(60, [rows], ScalarType.Int64, generator: random);

        Tensor? actual = network.Forward(ids, layout, training: true, tokenWeights: weights is null ? null : tensor(weights), routerTrace: trace).AuxiliaryLoss;

        double expected = 0;
        foreach (RouterChoice layer in trace)
        {
            float[] probabilities = layer.Probabilities.data<float>().ToArray();
            long[] chosen = layer.Experts.contiguous().data<long>().ToArray();
            foreach (int[] sequence in sequences)
            {
                for (int expert = 0; expert < 4; expert++)
                {
                    double load = sequence.Sum(row => chosen.Skip(row * 2).Take(2).Count(one => one == expert)) / (sequence.Length * 2 / 4.0);
                    expected += 0.1 * load * sequence.Average(row => probabilities[row * 4 + expert]) / sequences.Length;
                }
            }
        }
        actual!.item<float>().Should().BeApproximately((float)expected, 1e-6f);
    }

    private static MiniMindNetwork Network()
    {
        MiniMindNetwork network = new(s_config);
        using Generator random = new(1);
        network.Initialize(random, 0.3);
        return network;
    }
}
