using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Families;
using MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Of every family, libtorch's operations give each of several sequences the logits of scalar loops in double precision.</summary>
public class NetworkReaderTests
{
    private const double Bound = 1e-4;

    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Read_SeveralSequencesInParts_GivesTheLogitsOfScalarLoops(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        using NetworkReader reader = new(network);
        ScalarDecoder oracle = family.Oracle(checkpoint.Weights);
        int[][] sequences = [DecodedIds.Of(7, 40), DecodedIds.Of(8, 6), DecodedIds.Of(9, 25)]; // on both sides of windows and of LongRoPE's context
        ISequenceCache[] caches = [.. sequences.Select(_ => reader.NewCache())];
        float[][] logits = [.. sequences.Select(_ => DecodedIds.Logits())];
        SequenceStep Step(int sequence, int from, int to, float[]? scores) =>
            new(caches[sequence], sequences[sequence].AsMemory(from, to - from), sequences[sequence].Length, scores);

        reader.Read([Step(0, 0, 30, null), Step(2, 0, 1, null)]);
        reader.Read([Step(2, 1, 11, null), Step(1, 0, 5, null), Step(0, 30, 31, null)]);
        using ISequenceCache fork = caches[2].Fork(9);
        reader.Read([Step(0, 31, 40, logits[0]), Step(1, 5, 6, logits[1]), Step(2, 11, 25, logits[2])]);
        float[] forked = DecodedIds.Logits();
        reader.Read([new SequenceStep(fork, sequences[2].AsMemory(9), 25, forked)]);

        double[][] expected = [.. sequences.Select(sequence => oracle.Logits(sequence)[^1])];
        FamilyNetwork.Difference(logits.Select(Wide), expected).Should().BeLessThan(Bound);
        FamilyNetwork.Difference([Wide(forked)], [expected[2]]).Should().BeLessThan(Bound, "a fork goes on as what it was taken of");
        foreach (ISequenceCache cache in caches)
            cache.Dispose();
    }

    private static double[] Wide(float[] numbers) => [.. numbers.Select(number => (double)number)];
}
