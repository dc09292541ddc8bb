using MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Tests.Training.Loop;

/// <summary>The time of a run is that of all its parts.</summary>
public sealed class ElapsedTests : IDisposable
{
    private static readonly TimeSpan s_earlier = TimeSpan.FromHours(7); // far more than the test takes

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_AfterAnEarlierPart_AddsItsTimeToEveryPoint()
    {
        using RunBed bed = new(_folder.File("checkpoints"));
        bed.State.EarlierTime = s_earlier;

        bed.Train();

        bed.State.Elapsed.Should().BeGreaterThan(s_earlier).And.BeLessThan(s_earlier + TimeSpan.FromHours(1));
        bed.State.History.Select(point => point.Elapsed).Should().HaveCount(3).And.BeInAscendingOrder()
            .And.OnlyContain(time => time > s_earlier && time <= bed.State.Elapsed);
        bed.State.EarlierTime.Should().Be(s_earlier, "it is what went before");
    }

    [Fact]
    public void Resume_Twice_AddsUpAllParts()
    {
        string folder = _folder.File("checkpoints");
        using RunBed first = new(folder), second = new(folder), third = new(folder);
        first.State.EarlierTime = s_earlier;
        first.Train(observers: new RunBed.StopAfter(3, TrainingState.Cancelled));

        second.Resume();
        second.State.EarlierTime.Should().BeCloseTo(first.State.Elapsed, TimeSpan.FromMilliseconds(1)).And.BeGreaterThan(s_earlier);
        second.State.Elapsed.Should().Be(second.State.EarlierTime, "no step has been taken since");
        second.Train(observers: new RunBed.StopAfter(6, TrainingState.Cancelled));

        third.Resume();
        third.State.EarlierTime.Should().BeCloseTo(second.State.Elapsed, TimeSpan.FromMilliseconds(1)).And.BeGreaterThan(second.State.EarlierTime);
    }
}
