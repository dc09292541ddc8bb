using MiniMind.MLNet.Dpo.Tests.Families;

namespace MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

/// <summary>Tokens of the small families' vocabulary.</summary>
internal static class DecodedIds
{
    public static int[] Of(int seed, int count)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(FamilyCase.Vocabulary))];
    }

    public static float[] Logits() => new float[FamilyCase.Vocabulary];
}
