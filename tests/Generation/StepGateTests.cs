using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>One step at a time, until the gate is closed.</summary>
public class StepGateTests
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    private readonly StepGate _gate;
    private int _ends;

    public StepGateTests() => _gate = new StepGate("the client", () => _ends++);

    [Fact]
    public async Task Run_StepsAtOnce_RunOneAfterTheOther()
    {
        int running = 0, most = 0;
        int Step(CancellationToken _)
        {
            most = Math.Max(most, Interlocked.Increment(ref running));
            Thread.Sleep(5);
            return Interlocked.Decrement(ref running);
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _gate.RunAsync(Step, CancellationToken.None))).WaitAsync(s_long);

        most.Should().Be(1);
    }

    [Fact]
    public async Task Run_StepThatFails_LetsTheNextOneThrough()
    {
        await FluentActions.Awaiting(() => _gate.RunAsync<int>(_ => throw new InvalidDataException("broken"), CancellationToken.None))
            .Should().ThrowAsync<InvalidDataException>();

        (await _gate.RunAsync(_ => 3, CancellationToken.None).WaitAsync(s_long)).Should().Be(3);
    }

    [Fact]
    public async Task Run_Cancelled_SaysByWhat()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        bool ran = false;

        await FluentActions.Awaiting(() => _gate.RunAsync(_ => ran = true, cancelled.Token)).Should().ThrowAsync<OperationCanceledException>()
            .Where(error => error.CancellationToken == cancelled.Token);

        ran.Should().BeFalse();
    }

    [Fact]
    public async Task Run_CancelledWithinTheStep_SaysByWhat()
    {
        using CancellationTokenSource source = new();
        int Step(CancellationToken ends)
        {
            source.Cancel();
            ends.ThrowIfCancellationRequested();
            return 0;
        }

        await FluentActions.Awaiting(() => _gate.RunAsync(Step, source.Token)).Should().ThrowAsync<OperationCanceledException>()
            .Where(error => error.CancellationToken == source.Token);

        _gate.IsClosed.Should().BeFalse();
    }

    [Fact]
    public async Task Close_WhileAStepRuns_EndsItAndWaitsForIt()
    {
        using ManualResetEventSlim begun = new();
        int endsAtTheStepsEnd = -1;
        Task<int> step = _gate.RunAsync(ends =>
        {
            begun.Set();
            ends.WaitHandle.WaitOne(s_long).Should().BeTrue();
            endsAtTheStepsEnd = _ends;
            ends.ThrowIfCancellationRequested();
            return 0;
        }, CancellationToken.None);
        begun.Wait(s_long).Should().BeTrue();

        _gate.Close();

        await FluentActions.Awaiting(() => step.WaitAsync(s_long)).Should().ThrowAsync<ObjectDisposedException>().WithMessage("*ends here*the client*");
        endsAtTheStepsEnd.Should().Be(0, "what a step uses is freed behind it");
        SpinWait.SpinUntil(() => _ends == 1, s_long).Should().BeTrue();
    }

    [Fact]
    public async Task Close_Twice_EndsOnceAndRefusesSteps()
    {
        _gate.IsClosed.Should().BeFalse();

        _gate.Close();
        _gate.Close();

        (_gate.IsClosed, _ends).Should().Be((true, 1));
        await FluentActions.Awaiting(() => _gate.RunAsync(_ => 0, CancellationToken.None)).Should().ThrowAsync<ObjectDisposedException>();
    }
}
