using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What is kept of ended conversations, which of them a new one begins with, and which go first.</summary>
public sealed class CacheShelfTests : IDisposable
{
    private static readonly int[] s_hello = [1, 2, 3, 4], s_other = [7, 8];

    private readonly List<NumberedCache> _caches = [];
    private readonly CacheShelf _shelf = new(3 * CacheShelf.Block);

    [Fact]
    public void Take_ConversationThatGoesOn_GetsItsOwnCache()
    {
        NumberedCache hello = Put(s_hello), other = Put(s_other);

        _shelf.Shared([1, 2, 3, 4, 5], false).Should().Be(4);
        _shelf.Take([1, 2, 3, 4, 5], false).Should().BeSameAs(hello);

        _shelf.Count.Should().Be(1);
        _shelf.Take([7, 8], false).Should().BeSameAs(other);
        _shelf.Tokens.Should().Be(0);
        (hello.Disposals + other.Disposals).Should().Be(0, "they are the taker's");
    }

    [Fact]
    public void Take_ConversationThatBeginsAlike_GetsAForkAndTheOtherStays()
    {
        NumberedCache hello = Put(s_hello);

        ISequenceCache fork = _shelf.Take([1, 2, 9], false)!;

        fork.Should().NotBeSameAs(hello);
        fork.Length.Should().Be(2);
        (_shelf.Count, hello.Length, hello.Disposals).Should().Be((1, 4, 0));
    }

    [Fact]
    public void Take_OfSeveral_GivesTheOneThatHasMost()
    {
        Put([1, 2]);
        NumberedCache longer = Put([1, 2, 5, 6]);
        Put([1, 9]);

        _shelf.Take([1, 2, 5, 6, 7], false).Should().BeSameAs(longer);
        _shelf.Take([3], false).Should().BeNull();
        _shelf.Shared([3], false).Should().Be(0);
    }

    [Fact]
    public void Put_LongerOfTheSame_TakesThePlaceOfTheShorter()
    {
        NumberedCache shorter = Put([1, 2]), longer = Put(s_hello), again = Put([1, 2, 3]);

        (shorter.Disposals, longer.Disposals, again.Disposals).Should().Be((1, 0, 1));
        _shelf.Count.Should().Be(1);
    }

    [Fact]
    public void Put_BeyondTheBound_DropsWhatWasNotUsedForLongest()
    {
        NumberedCache first = Put([1, 5]), second = Put([2, 5]), third = Put([3, 5]);
        _shelf.Take([1, 9], false)!.Dispose(); // its use makes it the newest

        Put([4, 5]);

        (first.Disposals, second.Disposals, third.Disposals).Should().Be((0, 1, 0));
        _shelf.Tokens.Should().Be(3 * CacheShelf.Block, "each counts as a block at least");
        Put([.. Enumerable.Repeat(6, (2 * CacheShelf.Block) + 1)]);
        (_shelf.Count, _shelf.Tokens).Should().Be((1, 3 * CacheShelf.Block));
        NumberedCache tooLong = Put([.. Enumerable.Repeat(9, (3 * CacheShelf.Block) + 1)]);
        (tooLong.Disposals, _shelf.Count).Should().Be((0, 1), "the last one is kept whatever it has");
    }

    [Fact]
    public void Put_WhereNothingIsKept_DropsIt()
    {
        using CacheShelf none = new(0);
        NumberedCache cache = new() { Length = 2 };

        none.Put(s_other, false, cache);

        (cache.Disposals, none.Count).Should().Be((1, 0));
    }

    [Fact]
    public void Put_NothingRead_IsNotKept()
    {
        Put([]).Disposals.Should().Be(1);
        _shelf.Count.Should().Be(0);
    }

    [Fact]
    public void Take_OfAnotherKind_IsNothing()
    {
        NumberedCache hello = Put(s_hello);
        NumberedCache beyond = Put(s_hello, kind: true);

        (_shelf.Count, _shelf.Shared(s_hello, true)).Should().Be((2, 4));
        _shelf.Take(s_hello, true).Should().BeSameAs(beyond);
        _shelf.Take(s_hello, true).Should().BeNull();
        hello.Disposals.Should().Be(0);
    }

    [Fact]
    public void Dispose_FreesEveryCacheOnce()
    {
        Put(s_hello);
        Put(s_other);

        _shelf.Dispose();
        _shelf.Dispose();

        _caches.Should().HaveCount(2).And.OnlyContain(cache => cache.Disposals == 1);
    }

    public void Dispose() => _shelf.Dispose();

    private NumberedCache Put(int[] tokens, bool kind = false)
    {
        NumberedCache cache = new() { Length = tokens.Length };
        _caches.Add(cache);
        _shelf.Put([.. tokens, 99], kind, cache);
        return cache;
    }

    private sealed class NumberedCache : ISequenceCache
    {
        public int Length { get; set; }

        public int Disposals { get; private set; }

        public void Truncate(int length) => Length = Math.Min(Length, length);

        public ISequenceCache Fork(int length) => new NumberedCache { Length = length };

        public void Dispose() => Disposals++;
    }
}
