using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Blocks in pages: which are handed out again, which go back to the system.</summary>
public sealed class BlockPoolTests
{
    private const int Page = (int)BlockPool.PageSize;
    private readonly Dictionary<nint, nuint> _mapped = [];
    private readonly BlockPool _pool;
    private nint _next = Page;
    private nuint _limit = nuint.MaxValue;
    private int _maps;

    public BlockPoolTests()
    {
        _pool = new BlockPool(
            bytes =>
            {
                if (Mapped + bytes > _limit)
                    return 0;
                nint address = _next;
                _next += (nint)bytes;
                _mapped.Add(address, bytes);
                _maps++;
                return address;
            },
            (address, bytes) =>
            {
                _mapped[address].Should().Be(bytes, "a block goes back as it came");
                _mapped.Remove(address);
            });
        _pool.Keep(true);
    }

    private nuint Mapped => _mapped.Values.Aggregate((nuint)0, (sum, bytes) => sum + bytes);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(Page, 1)]
    [InlineData(Page + 1, 2)]
    public void Take_AnySize_MapsWholePages(int bytes, int pages)
    {
        _pool.Take((nuint)bytes);

        Mapped.Should().Be((nuint)(pages * Page));
    }

    [Theory]
    [InlineData(8, 8, true)]
    [InlineData(8, 6, true)]
    [InlineData(9, 6, true)] // two thirds
    [InlineData(8, 5, false)]
    [InlineData(8, 1, false)]
    [InlineData(8, 9, false)]
    public void Take_AfterABlockWasFreed_TakesItWhereItFits(int freed, int wanted, bool again)
    {
        nint first = Take(freed), other = Take(20); // so that there is room for another
        _pool.Give(first);
        _pool.Give(other);
        _pool.Take(20 * Page); // the other one again

        (Take(wanted) == first).Should().Be(again);
    }

    [Fact]
    public void Take_OfSeveralThatFit_TakesTheSmallest()
    {
        nint[] blocks = [Take(9), Take(5), Take(7)];
        foreach (nint block in blocks)
            _pool.Give(block);

        Take(6).Should().Be(blocks[2]);
        Take(6).Should().Be(blocks[0]);
    }

    [Fact]
    public void Take_StepsOfVariedSizes_HoldsWhatTheLargestStepHad()
    {
        Random random = new(1);
        Step(1); // the largest comes first
        nuint most = Mapped;
        for (int i = 0; i < 500; i++)
            Step(0.3 + 0.7 * random.NextDouble());

        Mapped.Should().BeLessThanOrEqualTo(most + most / 8, "smaller requests may have larger blocks, and a sixteenth is to spare");
        _pool.Held.Should().Be(Mapped);
        _pool.InUse.Should().Be(0);

    }

    [Fact]
    public void Take_StepsThatGrow_HoldsWhatTheLastStepNeeds()
    {
        foreach (double share in new[] { 0.5, 0.55, 0.7, 0.85, 0.9 })
            Step(share);

        Step(1);

        double need = Page * (6 * (101 + 101 + 51 + 276 + 276) + 276);
        ((double)Mapped).Should().BeLessThan(1.125 * need, "blocks of wide tensors do not serve narrow ones, and a sixteenth is to spare");
    }

    [Fact]
    public void Take_StepsOfTheSameSizes_MapsNothingAfterTheFirst()
    {
        for (int i = 0; i < 50; i++)
        {
            nint[] blocks = [Take(30), Take(11), Take(30), Take(70)];
            foreach (nint block in i % 2 == 0 ? blocks : blocks.Reverse())
                _pool.Give(block);
        }

        _maps.Should().Be(4);
    }

    [Fact]
    public void Take_SystemHasNoMore_GivesBackWhatLiesFreeAndTriesAgain()
    {
        nint free = Take(3), used = Take(4);
        _pool.Give(free);
        _limit = 12 * Page;

        Take(8).Should().NotBe(0);

        _mapped.Should().ContainKey(used).And.NotContainKey(free);
        Take(1).Should().Be(0);
        _pool.Take(nuint.MaxValue).Should().Be(0, "no number of pages holds that");
    }

    [Fact]
    public void Give_AddressOfSomebodyElse_IsLeftToThem() => _pool.Give(12345).Should().BeFalse();

    [Fact]
    public void Give_Twice_IsNotTheirsTheSecondTime()
    {
        nint block = Take(1);

        _pool.Give(block).Should().BeTrue();
        _pool.Give(block).Should().BeFalse();
    }

    [Fact]
    public void Keep_NoLonger_GivesBackWhatIsFreeAndThenWhatIsFreed()
    {
        nint outlives = Take(2);
        _pool.Give(Take(5));
        _pool.Keep(true); // says nothing new
        Mapped.Should().Be(7 * Page);

        _pool.Keep(false);

        Mapped.Should().Be(2 * Page);
        _pool.Give(outlives).Should().BeTrue();
        Mapped.Should().Be(0, "nobody wants it kept");
    }

    /// <summary>Takes what a step of so much of the largest takes: in each layer narrow tensors and wide ones, which stay, and a wide one that goes.</summary>
    private void Step(double share)
    {
        List<nint> kept = [];
        for (int layer = 0; layer < 6; layer++)
        {
            foreach (int pages in new[] { 100, 100, 50, 275, 275 })
                kept.Add(Take((int)(pages * share) + 1));
            _pool.Give(Take((int)(275 * share) + 1));
        }
        foreach (nint block in kept)
            _pool.Give(block);
    }

    private nint Take(int pages) => _pool.Take((nuint)(pages * Page));
}
