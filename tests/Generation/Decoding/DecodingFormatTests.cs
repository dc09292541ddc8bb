using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Families;
using MiniMind.MLNet.Dpo.Tests.Modeling.Adapters;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

/// <summary>Narrow weights: what is computed is the model of the rounded weights, and nothing else is rounded.</summary>
public sealed class DecodingFormatTests
{
    private static readonly int[] s_ids = DecodedIds.Of(7, 40);

    [Theory]
    [InlineData(FrozenFormat.Float32)]
    [InlineData(FrozenFormat.BFloat16)]
    [InlineData(FrozenFormat.Int8)]
    public void Next_InAFormat_GivesTheLogitsOfScalarLoopsOverRoundedMatrices(FrozenFormat format)
    {
        foreach (FamilyCase family in (FamilyCase[])[FamilyCases.Mistral, FamilyCases.MiniMind3Moe])
        {
            using FamilyCheckpoint checkpoint = new(family);
            using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
            Dictionary<string, double[]> rounded = checkpoint.Weights.ToDictionary(pair => pair.Key,
                pair => Shape(family, pair.Key) is [_, var inputs] && pair.Key is not "model.embed_tokens.weight"
                    && !pair.Key.EndsWith("mlp.gate.weight", StringComparison.Ordinal)
                    ? Rounded(pair.Value, inputs, format) : pair.Value);
            double[] head = Rounded(checkpoint.Weights["model.embed_tokens.weight"], 64, format);

            float[] logits = Logits(network, format);

            ScalarDecoder oracle = family.Oracle(rounded);
            double[] hidden = oracle.HiddenStates(s_ids)[^1];
            double[] exact = network.Config.TieWordEmbeddings // the tied head is rounded, and the tokens' vectors are not
                ? [.. head.Chunk(64).Select(row => row.Zip(hidden, (weight, number) => weight * number).Sum())] : oracle.Logits(s_ids)[^1];
            FamilyNetwork.Difference([[.. logits]], [exact]).Should().BeLessThan(1e-4, family.Name);
        }
    }

    [Theory]
    [InlineData(FrozenFormat.BFloat16)]
    [InlineData(FrozenFormat.Int8)]
    public void Next_OfAModelThatIsKeptInAFormat_RoundsNothingMore(FrozenFormat format)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Gemma3); // with factors of vectors, and four norms a layer
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint), kept = network.FrozenCopy(format, torch.CPU);
        using GenerationSession libtorch = new(kept);

        FamilyNetwork.Difference([[.. Logits(kept, null)]], [[.. libtorch.Next(s_ids, default)]]).Should().BeLessThan(1e-4, "only the order of sums differs");
    }

    [Theory]
    [InlineData(FrozenFormat.Float32, false)]
    [InlineData(FrozenFormat.Float32, true)]
    [InlineData(FrozenFormat.Int8, false)]
    [InlineData(FrozenFormat.BFloat16, true)]
    public void Next_WithAnAdapter_GivesWhatLibtorchGives(FrozenFormat format, bool magnitudes)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Qwen2); // with biases
        using MiniMindNetwork plain = FamilyNetwork.Load(checkpoint), kept = plain.FrozenCopy(format, torch.CPU);
        using MiniMindNetwork adapted = AdaptedNetwork.Trained(kept, new LoraOptions { Rank = 4, Alpha = 64, Dora = magnitudes });
        using GenerationSession libtorch = new(adapted), without = new(kept);

        double[] expected = [.. libtorch.Next(s_ids, default)];

        FamilyNetwork.Difference([[.. Logits(adapted, null)]], [expected]).Should().BeLessThan(1e-4);
        FamilyNetwork.Difference([[.. without.Next(s_ids, default)]], [expected]).Should().BeGreaterThan(1e-2, "the adapter changes much");
    }

    private static float[] Logits(MiniMindNetwork network, FrozenFormat? format)
    {
        using PackedNetwork packed = new(network, format);
        using BatchReaderSession session = new(new HostDecoder(packed), network.Config);
        return session.Next(s_ids, default);
    }

    private static int[] Shape(FamilyCase family, string name) => family.Tensors.Single(tensor => tensor.Name == name).Shape;

    private static double[] Rounded(double[] matrix, int inputs, FrozenFormat format) => format switch
    {
        FrozenFormat.BFloat16 => [.. matrix.Select(number => (double)BFloat16((float)number))],
        FrozenFormat.Int8 => [.. matrix.Chunk(inputs).SelectMany(row =>
        {
            float factor = (float)row.Max(Math.Abs) / 127; // in fp32, so that the same numbers lie between two levels
            return row.Select(number => (double)MathF.Round((float)number / factor) * factor);
        })],
        _ => matrix,
    };

    private static float BFloat16(float number)
    {
        int bits = BitConverter.SingleToInt32Bits(number);
        return BitConverter.Int32BitsToSingle(bits + 0x7FFF + (bits >> 16 & 1) & ~0xFFFF);
    }
}
