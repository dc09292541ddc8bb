using MiniMind.MLNet.Dpo.CpuKernels.Decoding;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Decoding;

/// <summary>Which blocks sequences have, share and give back.</summary>
public sealed class SequenceBlocksTests : IDisposable
{
    private readonly CacheBlocks _pool = new(new CacheShape(1, 1, 4));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 1)]
    [InlineData(65, 2)]
    [InlineData(200, 4)]
    public void Reserve_Tokens_TakesWholeBlocks(int tokens, int blocks)
    {
        using SequenceBlocks sequence = Filled(tokens);

        sequence.Length.Should().Be(tokens);
        _pool.Used.Should().Be(blocks);
    }

    [Fact]
    public void Fork_AtABlocksEnd_SharesAndCopiesNothing()
    {
        using SequenceBlocks first = Filled(130), fork = first.Fork(128);

        _pool.Used.Should().Be(3);
        fork.Length.Should().Be(128);
        fork.Blocks.Should().Equal(first.Blocks.Take(2));

        Add(fork, 1, 9);
        _pool.Used.Should().Be(4, "it goes on in a block of its own");
        fork.Blocks.Take(2).Should().Equal(first.Blocks.Take(2));
    }

    [Fact]
    public void Fork_WithinABlock_PartsWhereEitherGoesOn()
    {
        using SequenceBlocks first = Filled(100), fork = first.Fork(70);
        _pool.Used.Should().Be(2, "both blocks are shared until one of the two writes");

        Add(fork, 2, 500);
        Add(first, 2, 900);

        _pool.Used.Should().Be(3);
        fork.Blocks[0].Should().BeSameAs(first.Blocks[0]);
        Numbers(first).Should().Equal([.. Enumerable.Range(0, 100), 900, 901]);
        Numbers(fork).Should().Equal([.. Enumerable.Range(0, 70), 500, 501]);
    }

    [Fact]
    public void Truncate_OfWhatIsShared_LeavesTheOtherWhole()
    {
        using SequenceBlocks first = Filled(130), fork = first.Fork(130);

        first.Truncate(10);
        Add(first, 3, 700);

        Numbers(first).Should().Equal([.. Enumerable.Range(0, 10), 700, 701, 702]);
        Numbers(fork).Should().Equal(Enumerable.Range(0, 130));
    }

    [Fact]
    public void Fork_OfAForkWhoseOriginIsGone_KeepsItsTokens()
    {
        SequenceBlocks first = Filled(90), fork = first.Fork(80);
        using SequenceBlocks last = fork.Fork(75);
        first.Dispose();
        fork.Dispose();

        Numbers(last).Should().Equal(Enumerable.Range(0, 75));
        _pool.Used.Should().Be(2);
    }

    [Fact]
    public void Fork_BeyondWhatThereIs_IsRefused()
    {
        using SequenceBlocks first = Filled(10);

        FluentActions.Invoking(() => first.Fork(11)).Should().Throw<ArgumentOutOfRangeException>();
        FluentActions.Invoking(() => first.Fork(-1)).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Dispose_OfAll_KeepsAFewBlocksForTheNext()
    {
        SequenceBlocks first = Filled(64 * 40), fork = first.Fork(64 * 40);
        first.Dispose();
        _pool.Used.Should().Be(40);
        fork.Dispose();
        _pool.Used.Should().Be(0);
        _pool.Free.Should().Be(16);

        using SequenceBlocks next = Filled(64 * 10);
        _pool.Free.Should().Be(6);
    }

    [Fact]
    public void Truncate_ToNothingAndAgain_TakesTheSameBlocks()
    {
        using SequenceBlocks sequence = Filled(64 * 3);
        for (int turn = 0; turn < 100; turn++)
        {
            sequence.Truncate(0);
            Add(sequence, 64 * 3, turn);
        }

        (_pool.Used + _pool.Free).Should().Be(3);
    }

    public void Dispose() => _pool.Dispose();

    private SequenceBlocks Filled(int tokens)
    {
        SequenceBlocks sequence = new(_pool);
        Add(sequence, tokens, 0);
        return sequence;
    }

    private static unsafe void Add(SequenceBlocks sequence, int tokens, int first)
    {
        int length = sequence.Length;
        float* key = stackalloc float[4];
        sequence.Reserve(tokens);
        for (int i = 0; i < tokens; i++)
        {
            *key = first + i;
            BlockAttention.Write(sequence[length + i].Keys(sequence.Shape, 0, 0), (length + i) % CacheBlock.Tokens, sequence.Shape, key, key);
        }
        sequence.Advance(tokens);
    }

    private static unsafe int[] Numbers(SequenceBlocks sequence) =>
        [.. Enumerable.Range(0, sequence.Length).Select(i => (int)sequence[i].Keys(sequence.Shape, 0, 0)[i % CacheBlock.Tokens])];
}
