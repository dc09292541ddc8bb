using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>glibc tells nobody its thresholds: these tests stand in its place.</summary>
public sealed class GlibcHeapTests
{
    private static readonly HeapThresholds s_usual = new(Map: 5 << 20, Trim: 7 << 20);
    private readonly Dictionary<int, int> _thresholds = [];
    private readonly GlibcHeap _heap;
    private int _trims;

    public GlibcHeapTests() => _heap = new GlibcHeap(
        (parameter, value) =>
        {
            _thresholds[parameter] = value;
            return 1;
        },
        _ => ++_trims, s_usual);

    private HeapThresholds Now => new(_thresholds[GlibcHeap.MapThreshold], _thresholds[GlibcHeap.TrimThreshold]);

    [Fact]
    public void Process_BeforeAnyRun_IsLeftAlone() => _thresholds.Should().BeEmpty("a heap that nobody wants anything of keeps what it has");

    [Theory]
    [InlineData(true, HeapThresholds.LargestKept, int.MaxValue)]
    [InlineData(false, 1 << 20, HeapThresholds.LargestTop)]
    public void Run_ThatFails_HasItsThresholdsAndPutsTheUsualOnesBack(bool keepBlocks, int map, int trim)
    {
        Action run = () =>
        {
            using NativeHeap heap = new(keepBlocks, _heap);
            Now.Should().Be(new HeapThresholds(map, trim));
            throw new TimeoutException();
        };

        run.Should().Throw<TimeoutException>();

        Now.Should().Be(s_usual);
        _trims.Should().Be(1);
    }

    [Theory]
    [InlineData("K+ R+ K- R-")]
    [InlineData("K+ R+ R- K-")]
    [InlineData("R+ K+ R- K-")]
    [InlineData("R+ K+ K- R-")]
    public void Runs_TwoAtOnce_PutTheUsualThresholdsBackAfterTheLast(string order)
    {
        Dictionary<char, NativeHeap> running = [];
        foreach (string step in order.Split(' '))
        {
            if (step[1] == '+')
                running[step[0]] = new NativeHeap(keepBlocks: step[0] == 'K', _heap);
            else if (running.Remove(step[0], out NativeHeap? ended))
                ended.Dispose();
            bool returned = running.ContainsKey('R');
            Now.Map.Should().Be(returned ? 1 << 20 : running.Count > 0 ? HeapThresholds.LargestKept : s_usual.Map, $"after {step} of {order}");
        }

        Now.Should().Be(s_usual);
        _trims.Should().Be(1, "what another run keeps it trims itself");
    }

    [Fact]
    public void Run_WhereThereIsNoGlibc_DoesNothing()
    {
        using (NativeHeap heap = new(keepBlocks: true, heap: null))
            heap.Settle();

        _thresholds.Should().BeEmpty();
    }
}
