using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>Measurements that wait while their file cannot be written.</summary>
public sealed class MeasurementQueueTests
{
    private readonly ScriptedFile _file = new();
    private readonly List<Exception> _failures = [];
    private readonly MeasurementQueue _queue;

    public MeasurementQueueTests() => _queue = new MeasurementQueue(_file, _failures.Add);

    [Fact]
    public void Add_FileThatFails_WaitsAndFollowsInOrder()
    {
        Add(1);
        _file.Fault = new IOException("full");
        Add(2);
        Add(3);
        _file.Fault = null;
        Add(4);

        _file.Steps.Should().Equal(1, 2, 3, 4);
        _failures.Should().HaveCount(2).And.AllBeOfType<IOException>();
    }

    [Fact]
    public void Write_Later_WritesWhatWaitsOnce()
    {
        _file.Fault = new UnauthorizedAccessException();
        Add(1);
        _queue.Write();
        _file.Fault = null;

        _queue.Write();
        _queue.Write();

        _file.Steps.Should().Equal(1);
        _failures.Should().HaveCount(2);
    }

    [Fact]
    public void Add_OtherFault_IsNotHidden()
    {
        _file.Fault = new InvalidOperationException("a fault of ours");

        FluentActions.Invoking(() => Add(1)).Should().Throw<InvalidOperationException>();

        _failures.Should().BeEmpty();
    }

    [Fact]
    public void CutBack_ReachesTheFile()
    {
        _queue.CutBack(7);

        _file.CutBackTo.Should().Be(7);
    }

    private void Add(long step) => _queue.Add(new Measurement(step, TimeSpan.FromSeconds(step), DateTimeOffset.UnixEpoch, new Dictionary<string, double>()));

    private sealed class ScriptedFile : IMeasurementFile
    {
        public Exception? Fault { get; set; }

        public List<long> Steps { get; } = [];

        public long CutBackTo { get; private set; } = -1;

        public void CutBack(long step) => CutBackTo = step;

        public void Append(Measurement measurement)
        {
            if (Fault is not null)
                throw Fault;
            Steps.Add(measurement.Step);
        }
    }
}
