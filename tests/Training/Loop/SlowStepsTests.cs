using MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Tests.Training.Loop;

/// <summary>A run whose steps become slow says so once, with what to do.</summary>
public sealed class SlowStepsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(4, "*4 threads wait for each other*Threads = the number of processors that are free, or 1, may*")]
    [InlineData(2, "*2 threads wait for each other*Threads = 1 may*")]
    [InlineData(1, "*has one thread already*")]
    public void Stepped_StepsThatBecomeSlow_SaysOnceByHowMuchAndWhatToDo(int threads, string remedy)
    {
        Run(threads, [1, 1, 8, 8, 8, 8, 8, 8, 8]);

        _said.Should().ContainSingle().Which.Should().Match("5 steps in a row and more took over 3 times *step 7 8 times (8 s for 10 rows)*").And.Match(remedy);
    }

    [Fact]
    public void Stepped_StepsOfOneSpeed_SaysNothing()
    {
        Run(2, [8, 8, 8, 8, 8, 8, 8, 8]);

        _said.Should().BeEmpty();
    }

    [Fact]
    public void Run_ClockThatRunsFasterAfterAWhile_TimesTheStepsByIt()
    {
        SteppingClock clock = new();
        SlowSteps slow = new(2, _said.Add);
        using RunBed bed = new(_folder.File("checkpoints"), clock: clock);

        bed.Train(observers: [slow, new AfterStep(step => clock.Tick = TimeSpan.FromSeconds(step < 4 ? 1 : 20))]);

        _said.Should().ContainSingle().Which.Should().Contain("step 9 ").And.Contain("20 s");
    }

    private void Run(int threads, double[] seconds)
    {
        using RunBed bed = new(_folder.File("checkpoints"));
        SlowSteps slow = new(threads, _said.Add);
        for (int i = 0; i < seconds.Length; i++)
        {
            slow.Stepped(bed.State, new StepResult
            {
                Step = i + 1, Epoch = 0, LearningRate = 0, MetricSums = null!, Weight = 1, Examples = [], OwnExamples = [], Tokens = 10, Rows = 10,
                Duration = TimeSpan.FromSeconds(seconds[i]),
            });
        }
    }

    private sealed class AfterStep(Action<long> action) : ITrainingObserver
    {
        public void Stepped(TrainingState state, StepResult step) => action(step.Step);
    }

    /// <summary>A clock that is a tick further each time that it is read.</summary>
    private sealed class SteppingClock : TimeProvider
    {
        private long _now;

        public TimeSpan Tick { get; set; } = TimeSpan.FromSeconds(1);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now += Tick.Ticks;
    }
}
