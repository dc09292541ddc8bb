using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Families;

namespace MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

/// <summary>Sequences that fork, go back and go on have the bits of sequences that were read alone.</summary>
public sealed class HostCacheTests : IDisposable
{
    private readonly FamilyCheckpoint _checkpoint = new(FamilyCases.Mistral); // with a window
    private readonly MiniMindNetwork _network;
    private readonly PackedNetwork _packed;
    private readonly HostDecoder _decoder;

    public HostCacheTests()
    {
        _network = FamilyNetwork.Load(_checkpoint);
        _packed = new PackedNetwork(_network, null);
        _decoder = new HostDecoder(_packed);
    }

    [Theory]
    [InlineData(100, 64)] // at the end of a block
    [InlineData(100, 63)]
    [InlineData(100, 65)]
    [InlineData(100, 100)]
    [InlineData(64, 64)]
    [InlineData(64, 1)]
    [InlineData(10, 0)]
    public void Fork_GoingOnBesideItsOrigin_BothAreAsReadAlone(int length, int shared)
    {
        int[] ids = DecodedIds.Of(1, length), one = DecodedIds.Of(2, 70), other = DecodedIds.Of(3, 70);
        using ISequenceCache origin = _decoder.NewCache();
        Read(origin, ids);

        using ISequenceCache fork = origin.Fork(shared);
        float[] forked = DecodedIds.Logits(), kept = DecodedIds.Logits();
        for (int i = 0; i < 70; i++)
        {
            _decoder.Read([
                new SequenceStep(fork, other.AsMemory(i, 1), shared + i + 1, i == 69 ? forked : null),
                new SequenceStep(origin, one.AsMemory(i, 1), length + i + 1, i == 69 ? kept : null)]);
        }

        fork.Length.Should().Be(shared + 70);
        origin.Length.Should().Be(length + 70);
        forked.Should().Equal(Alone([.. ids[..shared], .. other]));
        kept.Should().Equal(Alone([.. ids, .. one]));
    }

    [Fact]
    public void Truncate_AndAnotherContinuation_IsAsReadAlone()
    {
        int[] ids = DecodedIds.Of(4, 140), other = DecodedIds.Of(5, 90);
        using ISequenceCache cache = _decoder.NewCache();
        Read(cache, ids);
        using ISequenceCache fork = cache.Fork(135);

        cache.Truncate(50);
        float[] logits = Read(cache, other), forked = Read(fork, other);

        logits.Should().Equal(Alone([.. ids[..50], .. other]));
        forked.Should().Equal(Alone([.. ids[..135], .. other]));
    }

    [Fact]
    public void Read_OfSixteenSequences_GivesEachItsOwnLogits()
    {
        int[][] rows = [.. Enumerable.Range(0, 16).Select(seed => DecodedIds.Of(seed, 3 + 9 * seed))];
        ISequenceCache[] caches = [.. rows.Select(_ => _decoder.NewCache())];
        float[][] logits = [.. rows.Select(_ => DecodedIds.Logits())];

        _decoder.Read([.. rows.Select((ids, i) => new SequenceStep(caches[i], ids, ids.Length, logits[i]))]);

        for (int i = 0; i < rows.Length; i++)
            logits[i].Should().Equal(Alone(rows[i]), "sequence {0}", i);
        foreach (ISequenceCache cache in caches)
            cache.Dispose();
    }

    [Fact]
    public void Read_WhatIsNoStep_IsRefusedAndReadsNothing()
    {
        using HostDecoder foreign = new(_packed);
        using ISequenceCache cache = _decoder.NewCache(), stranger = foreign.NewCache();
        SequenceStep good = new(cache, DecodedIds.Of(1, 3), 3, null);

        Refused([good, good], "*same cache*");
        Refused([good, new SequenceStep(stranger, DecodedIds.Of(1, 3), 3, null)], "*another reader*");
        Refused([good with { Tokens = Array.Empty<int>() }], "*0 tokens*");
        Refused([good with { SequenceEnd = 2 }], "*3 tokens behind 0*ends at 2*");
        Refused([good with { Tokens = new[] { 1, FamilyCase.Vocabulary } }], "*token id 1100*");
        Refused([good with { Tokens = new[] { -1 } }], "*token id -1*");
        Refused([good with { Logits = new float[7] }], "*logits are 7*");
        Refused([good with { Tokens = new int[513], SequenceEnd = 513 }], "*513 tokens*512*");
        cache.Length.Should().Be(0);
        _decoder.RowsRead.Should().Be(0);
    }

    [Fact]
    public void Read_AcrossTheOriginalContextOfLongRope_IsRefusedUntilAllIsReadAnew()
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Phi4MiniLong); // 17 tokens
        using MiniMindNetwork network = FamilyNetwork.Load(checkpoint);
        using PackedNetwork packed = new(network, null);
        using HostDecoder decoder = new(packed);
        using ISequenceCache cache = decoder.NewCache();
        int[] ids = DecodedIds.Of(1, 20);
        decoder.Read([new SequenceStep(cache, ids.AsMemory(0, 17), 17, null)]);

        FluentActions.Invoking(() => decoder.Read([new SequenceStep(cache, ids.AsMemory(17, 3), 20, null)])).Should().Throw<ArgumentException>()
            .WithMessage("*LongRoPE*truncate it to 0*");
        cache.Truncate(0);
        decoder.Read([new SequenceStep(cache, ids, 20, null)]);
        cache.Length.Should().Be(20);
    }

    public void Dispose()
    {
        _decoder.Dispose();
        _packed.Dispose();
        _network.Dispose();
        _checkpoint.Dispose();
    }

    private void Refused(SequenceStep[] steps, string message) =>
        FluentActions.Invoking(() => _decoder.Read(steps)).Should().Throw<ArgumentException>().WithMessage(message);

    private float[] Read(ISequenceCache cache, int[] ids)
    {
        float[] logits = DecodedIds.Logits();
        _decoder.Read([new SequenceStep(cache, ids, cache.Length + ids.Length, logits)]);
        return logits;
    }

    private float[] Alone(int[] ids)
    {
        using HostDecoder alone = new(_packed);
        using ISequenceCache cache = alone.NewCache();
        float[] logits = DecodedIds.Logits();
        alone.Read([new SequenceStep(cache, ids, ids.Length, logits)]);
        return logits;
    }
}
