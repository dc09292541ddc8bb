using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Which reader a request gets, of those that there are.</summary>
public sealed class SequencePoolTests : IDisposable
{
    private static readonly int[] s_hello = [1, 2, 3], s_helloAgain = [1, 2, 3, 4], s_other = [7, 8];

    private readonly object _first = new(), _second = new(), _third = new();
    private readonly ReadModel _model = new();
    private readonly SequencePool _pool;

    public SequencePoolTests() => _pool = new SequencePool(_model, capacity: 2);

    [Fact]
    public void Of_RequestThatGoesOn_KeepsItsReader()
    {
        ISequenceReader reader = Read(_first, s_hello)!;

        Read(_second, s_helloAgain).Should().NotBeSameAs(reader, "the first request has it");
        Read(_first, s_other).Should().BeSameAs(reader);
        _model.Readers.Should().HaveCount(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Of_NewRequest_GetsTheFreeReaderThatRemembersMost(bool otherFirst)
    {
        ISequenceReader hello = Read(_first, otherFirst ? s_other : s_hello)!, other = Read(_second, otherFirst ? s_hello : s_other)!;
        if (otherFirst)
            (hello, other) = (other, hello);
        _pool.Release(_first);
        _pool.Release(_second);

        Read(_third, s_helloAgain).Should().BeSameAs(hello);
        Read(_first, s_helloAgain).Should().BeSameAs(other, "the other one is taken");
        _model.Readers.Should().HaveCount(2);
    }

    [Fact]
    public void Of_MoreRequestsThanReaders_WaitsWhileTheOthersAsk()
    {
        foreach (object request in (object[])[_first, _second, _third])
            _pool.Ask(request);
        Read(_first, s_hello);
        Read(_second, s_hello);

        Read(_third, s_hello).Should().BeNull();
        _model.Readers.Should().HaveCount(2);
    }

    [Fact]
    public void Of_RequestAlone_TakesTheReaderThatRestsLongestAtOnce()
    {
        ISequenceReader longest = Read(_first, s_hello)!;
        Rest(_first);
        Read(_second, s_hello);
        Rest(_second);

        _pool.Ask(_third);

        Read(_third, s_hello).Should().BeSameAs(longest, "nobody else asks, and the first request has rested longer than the second");
    }

    [Fact]
    public void Of_RequestBesideAnother_TakesARestingReaderAfterAPause()
    {
        _pool.Ask(_second);
        ISequenceReader resting = Read(_first, s_hello)!;
        Read(_second, s_hello);
        Rest(_first);
        _pool.Ask(_third);

        // its owner may come back for the next token within the pause; on a machine that stops for longer than that it is over already
        long rested = System.Diagnostics.Stopwatch.GetTimestamp();
        ISequenceReader? atOnce = Read(_third, s_hello);
        if (System.Diagnostics.Stopwatch.GetElapsedTime(rested) < TimeSpan.FromMilliseconds(20))
            atOnce.Should().BeNull();
        Thread.Sleep(80);

        Read(_third, s_hello).Should().BeSameAs(resting);
    }

    [Fact]
    public void Rest_RequestThatAskedNo_IsNoFault()
    {
        _pool.Rest(_first);
        _pool.Release(_first);

        Read(_first, s_hello).Should().NotBeNull();
    }

    [Fact]
    public void Dispose_FreesEveryReader()
    {
        Read(_first, s_hello);
        Read(_second, s_hello);

        _pool.Dispose();
        _pool.Dispose();

        _model.Readers.Should().HaveCount(2).And.OnlyContain(reader => reader.Disposals == 1);
    }

    public void Dispose() => _pool.Dispose();

    private ISequenceReader? Read(object request, int[] sequence)
    {
        ISequenceReader? reader = _pool.Of(request, sequence);
        reader?.Next(sequence, CancellationToken.None);
        return reader;
    }

    private void Rest(object request)
    {
        _pool.Rest(request);
        Thread.Sleep(1); // a later rest has a later time
    }

    /// <summary>Readers that remember what they read, and nothing else.</summary>
    private sealed class ReadModel : IReadableModel
    {
        public List<MemoryReader> Readers { get; } = [];

        public int VocabularySize => 10;

        public int MaxPositions => 100;

        public ISequenceReader NewReader()
        {
            Readers.Add(new MemoryReader());
            return Readers[^1];
        }

        public void Dispose()
        {
        }
    }

    private sealed class MemoryReader : ISequenceReader
    {
        private int[] _read = [];

        public int Disposals { get; private set; }

        public ReadOnlySpan<int> Read => _read;

        public float[] Next(ReadOnlySpan<int> sequence, CancellationToken cancellation)
        {
            _read = sequence.ToArray();
            return [];
        }

        public void Dispose() => Disposals++;
    }
}
