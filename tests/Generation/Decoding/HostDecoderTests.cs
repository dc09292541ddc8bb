using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Families;

namespace MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

/// <summary>Of every family, kernels give the logits of scalar loops in double precision, and a sequence's are the same bits however it is read.</summary>
public sealed class HostDecoderTests
{
    public static TheoryData<string> Families => [.. FamilyCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(Families))]
    public void Next_OfEachFamily_GivesTheLogitsOfScalarLoops(string name)
    {
        FamilyCase family = FamilyCases.Find(name);
        using FamilyCheckpoint checkpoint = new(family);
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        using PackedNetwork packed = new(network, null);
        using BatchReaderSession session = new(new HostDecoder(packed), network.Config);
        int[] ids = DecodedIds.Of(7, 40), other = [.. ids[..22], .. DecodedIds.Of(8, 9)];
        ScalarDecoder oracle = family.Oracle(checkpoint.Weights);
        int[] lengths = [9, 21, 22, 37, 40];
        List<double[]> actual = [];

        // a prompt, rows at once behind what is cached, single tokens, another continuation, and back
        foreach (int length in lengths)
            actual.Add([.. session.Next(ids.AsSpan(0, length), default)]);
        double[] changed = [.. session.Next(other, default)], back = [.. session.Next(ids.AsSpan(0, 12), default)];

        FamilyNetwork.Difference(actual, lengths.Select(length => oracle.Logits(ids[..length])[^1])).Should().BeLessThan(1e-4);
        FamilyNetwork.Difference([changed, back], [oracle.Logits(other)[^1], oracle.Logits(ids[..12])[^1]]).Should().BeLessThan(1e-4);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Read_AloneOrAmongOthersInAnyParts_GivesTheSameBits(string name)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        using PackedNetwork packed = new(network, null);
        using HostDecoder alone = new(packed), together = new(packed);
        int[] ids = DecodedIds.Of(3, 150); // more than a pass of kernels, and than two blocks of a cache
        float[] expected = DecodedIds.Logits(), actual = DecodedIds.Logits();
        using ISequenceCache single = alone.NewCache(), shared = together.NewCache();
        for (int i = 0; i < ids.Length; i++)
            alone.Read([new SequenceStep(single, ids.AsMemory(i, 1), ids.Length, i == ids.Length - 1 ? expected : null)]);

        using ISequenceCache first = together.NewCache(), second = together.NewCache(), third = together.NewCache();
        together.Read([new SequenceStep(first, DecodedIds.Of(4, 9), 9, null), new SequenceStep(shared, ids.AsMemory(0, 141), 150, null)]);
        together.Read([new SequenceStep(shared, ids.AsMemory(141, 5), 150, null), new SequenceStep(second, DecodedIds.Of(5, 70), 70, null)]);
        for (int i = 146; i < 150; i++)
        {
            together.Read([
                new SequenceStep(first, new[] { i }, 9 + i - 145, null), new SequenceStep(shared, ids.AsMemory(i, 1), 150, i == 149 ? actual : null),
                new SequenceStep(second, new[] { i + 7 }, 70 + i - 145, null), new SequenceStep(third, new[] { i + 9 }, i - 145, null)]);
        }

        actual.Should().Equal(expected);
    }
}
