using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>
/// Asks a network that was just loaded for the logits of a few tokens, the one with the largest embedding among them: weights can be finite and what comes of
/// them not.
/// </summary>
/// <remarks>One short pass over all weights of a dense network, without gradients, in fp32 on the CPU.</remarks>
internal static class FiniteLogits
{
    private const int Named = 3;

    /// <summary>Refuses a network whose logits are not finite.</summary>
    /// <param name="network">On the CPU.</param>
    /// <param name="path">The file of the weights, for the message.</param>
    /// <exception cref="WeightFileException">They are not; the message names the tensors with the largest weights.</exception>
    public static void Check(MiniMindNetwork network, string path)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int vocabulary = network.Config.VocabularySize;
        long[] ids = [.. new long[] { 0, LargestRow(network), vocabulary / 2, vocabulary - 1 }.Take(Math.Min(4, network.Config.MaxPositions))];
        Tensor hidden = network.Forward(tensor(ids), new RectangularLayout(1, ids.Length, CPU)).Hidden; // (T, hidden)
        Tensor logits = network.Logits(hidden).contiguous(); // (T, V)
        WeightMagnitude magnitude = logits.Magnitude();
        if (magnitude.IsFinite)
            return;
        IEnumerable<string> largest = network.named_parameters().Select(pair => (pair.name, pair.parameter.Magnitude().Largest))
            .OrderByDescending(pair => pair.Largest)
            .Take(Named).Select(pair => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"'{pair.name}' up to {pair.Largest:G3}"));
        throw new WeightFileException(
            path, "weights", $"they are finite, but what the network computes of them is not: of {logits.NumberOfElements} logits of a probe,"
            + $" {magnitude.NotNumbers} are NaN and {magnitude.Infinities} infinite. The largest weights are in {string.Join(", ", largest)}."
            + $" {WeightFaults.Advice}");
    }

    private static unsafe long LargestRow(MiniMindNetwork network)
    {
        Tensor embedding = network.Stack.EmbeddingWeight;
        byte* first = TensorMemory.Pointer(embedding);
        int width = network.Config.HiddenSize, row = 0;
        uint largest = 0;
        for (int i = 0; i < network.Config.VocabularySize; i++)
        {
            uint here = WeightMagnitude.LargestBits(new ReadOnlySpan<uint>(first + ((long)i * width * sizeof(float)), width));
            if (here > largest)
                (largest, row) = (here, i);
        }
        GC.KeepAlive(embedding);
        return row;
    }
}
