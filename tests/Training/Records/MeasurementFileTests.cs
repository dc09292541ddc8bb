using System.Text.Json;
using Google.Protobuf;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Records;
using Tensorboard;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

public sealed class MeasurementFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FixedTime _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Jsonl_Measurements_AreWholeLinesThatReadBackExactly()
    {
        MetricsJsonl file = new(_folder.Path);
        file.CutBack(0);
        file.Append(At(10, ("loss", 0.1 + 0.2), ("rewards/margins", -1e-300)));
        file.Append(At(20, ("loss", double.NaN), ("grad_norm", double.PositiveInfinity)));

        string[] lines = Lines(MetricsJsonl.FileName);
        lines.Should().HaveCount(2);
        using JsonDocument first = JsonDocument.Parse(lines[0]), second = JsonDocument.Parse(lines[1]);
        first.RootElement.GetProperty("step").GetInt64().Should().Be(10);
        first.RootElement.GetProperty("elapsed_seconds").GetDouble().Should().Be(1);
        first.RootElement.GetProperty("time").GetDateTimeOffset().Should().Be(_clock.Now);
        first.RootElement.GetProperty("loss").GetDouble().Should().Be(0.1 + 0.2);
        first.RootElement.GetProperty("rewards/margins").GetDouble().Should().Be(-1e-300);
        second.RootElement.GetProperty("loss").GetString().Should().Be("NaN");
        second.RootElement.GetProperty("grad_norm").GetString().Should().Be("Infinity");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"step\":40,\"lo")]
    [InlineData("{\"step\":40,\"lo\n{\"step\":41,\"loss\":1}\n")]
    [InlineData("\0\0\0\0\n{\"step\":5}\n")]
    public void JsonlCutBack_AfterAKill_KeepsWholeLinesUpToTheStep(string leftBehind)
    {
        MetricsJsonl before = new(_folder.Path);
        for (int step = 10; step <= 30; step += 10)
            before.Append(At(step, ("loss", step)));
        File.AppendAllText(_folder.File(MetricsJsonl.FileName), leftBehind);

        MetricsJsonl after = new(_folder.Path);
        after.CutBack(20);
        after.Append(At(30, ("loss", 0.5)));

        Lines(MetricsJsonl.FileName).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("loss").GetDouble()).Should().Equal(10, 20, 0.5);
    }

    [Fact]
    public void Csv_MetricThatComesLater_GetsAColumnAndEarlierRowsStayBeneathTheirs()
    {
        MetricsCsv file = new(_folder.Path);
        file.CutBack(0);
        file.Append(At(10, ("loss", 0.25), ("grad_norm", double.NaN)));
        file.Append(At(10, ("eval_loss", 0.5)));
        file.Append(At(20, ("grad_norm", 2), ("loss", 0.125)));

        Lines(MetricsCsv.FileName).Should().Equal(
            "step,elapsed_seconds,loss,grad_norm,eval_loss",
            "10,1,0.25,NaN,",
            "10,1,,,0.5",
            "20,2,0.125,2,");
    }

    [Theory]
    [InlineData("40,4,0.")]
    [InlineData("4")]
    [InlineData("4,\n50,5,0.5,\n")]
    public void CsvCutBack_AfterAKill_KeepsWholeRowsUpToTheStep(string leftBehind)
    {
        MetricsCsv before = new(_folder.Path);
        before.CutBack(0);
        for (int step = 10; step <= 30; step += 10)
            before.Append(At(step, ("loss", step)));
        before.Append(At(30, ("eval_loss", 3)));
        File.AppendAllText(_folder.File(MetricsCsv.FileName), leftBehind);

        MetricsCsv after = new(_folder.Path);
        after.CutBack(20);
        after.Append(At(30, ("loss", 0.5)));

        Lines(MetricsCsv.FileName).Should().Equal("step,elapsed_seconds,loss,eval_loss", "10,1,10,", "20,2,20,", "30,3,0.5,");
    }

    [Fact]
    public void Csv_TakenAwayMeanwhile_BeginsAnewWithItsHeader()
    {
        MetricsCsv file = new(_folder.Path);
        file.CutBack(0);
        file.Append(At(10, ("loss", 1)));
        File.Delete(_folder.File(MetricsCsv.FileName));
        file.Append(At(20, ("loss", 2)));

        Lines(MetricsCsv.FileName).Should().Equal("step,elapsed_seconds,loss", "20,2,2");
    }

    [Fact]
    public void EventFile_Measurements_AreReadBackByAnIndependentReader()
    {
        EventFileReader.Crc32C("123456789"u8).Should().Be(0xE3069283, "that is the check value of RFC 3720");
        EventFile file = new(_folder.Path, _clock);
        file.CutBack(0);
        file.Append(At(10, ("loss", Math.Log(2)), ("rewards/margins", -0.5)));
        file.Append(At(1_000_000_000_000, ("eval_loss", 0.25), ("eval_rewards/accuracies", double.NaN)));

        string path = Directory.EnumerateFiles(_folder.Path).Should().ContainSingle().Which;
        Path.GetFileName(path).Should().StartWith("events.out.tfevents.1740830400.", "TensorBoard finds files by this name, and tools read their time in it");
        IReadOnlyList<ReadEvent> events = EventFileReader.Read(path);
        events.Should().HaveCount(3);
        events[0].FileVersion.Should().Be("brain.Event:2");
        events[1].WallTime.Should().Be(1740830400.0);
        events[1].Step.Should().Be(10);
        events[1].Scalars.Should().Equal(new Dictionary<string, float> { ["train/loss"] = MathF.Log(2), ["train/rewards/margins"] = -0.5f });
        events[2].Step.Should().Be(1_000_000_000_000);
        events[2].Scalars.Keys.Should().Equal("eval/loss", "eval/rewards/accuracies");
        events[2].Scalars["eval/loss"].Should().Be(0.25f);
        events[2].Scalars["eval/rewards/accuracies"].Should().Be(float.NaN);
    }

    [Fact]
    public void EventMessages_AreParsedByTheProtobufClassesOfTensorBoard()
    {
        Event scalars = Parse(EventMessage.Scalars(1.5, 300, [("train/loss", 0.25f), ("train/ä", -1)]));
        scalars.WallTime.Should().Be(1.5);
        scalars.Step.Should().Be(300);
        scalars.Summary.Value.Select(v => (v.Tag, v.SimpleValue)).Should().Equal(("train/loss", 0.25f), ("train/ä", -1f));
        Parse(EventMessage.Version(2)).FileVersion.Should().Be("brain.Event:2");
        Event start = Parse(EventMessage.SessionStart(3, 41));
        start.SessionLog.Status.Should().Be(SessionLog.Types.SessionStatus.Start);
        start.Step.Should().Be(41);
        EventMessage.StepOf(scalars.ToByteArray()).Should().Be(300, "the order of fields does not matter");
        EventMessage.StepOf(new Event { FileVersion = "x" }.ToByteArray()).Should().Be(0);

        static Event Parse(byte[] message) => Event.Parser.ParseFrom(new CodedInputStream(message));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    public void EventFileCutBack_AfterAKill_KeepsWholeEventsUpToTheStepAndTellsTensorBoard(int lost)
    {
        EventFile before = new(_folder.Path, _clock);
        before.CutBack(0);
        for (int step = 10; step <= 30; step += 10)
            before.Append(At(step, ("loss", step)));
        string first = Directory.EnumerateFiles(_folder.Path).Single();
        using (FileStream stream = File.OpenWrite(first))
            stream.SetLength(stream.Length - lost);

        EventFile after = new(_folder.Path, _clock); // within the same second
        after.CutBack(20);
        after.Append(At(30, ("loss", 0.5)));

        string second = Directory.EnumerateFiles(_folder.Path).Where(path => path != first).Should().ContainSingle().Which;
        string.CompareOrdinal(second, first).Should().BePositive("TensorBoard reads files in the order of their names");
        EventFileReader.Read(first).Select(e => e.Step).Should().Equal(0, 10, 20);
        IReadOnlyList<ReadEvent> events = EventFileReader.Read(second);
        events[1].SessionStatus.Should().Be(1, "a session that starts makes TensorBoard forget later steps that it has seen");
        events[1].Step.Should().Be(21);
        events[2].Scalars["train/loss"].Should().Be(0.5f);
    }

    [Fact]
    public void EventFileCutBack_ToTheStart_LeavesOthersFilesAlone()
    {
        EventFile before = new(_folder.Path, _clock);
        before.CutBack(0);
        before.Append(At(10, ("loss", 1)));
        string others = _folder.Write("events.out.tfevents.1740830400.host.1.0", [1, 2, 3]);

        new EventFile(_folder.Path, _clock).CutBack(0);

        Directory.EnumerateFiles(_folder.Path).Should().Equal(others);
    }

    private Measurement At(long step, params (string Name, double Value)[] values) =>
        new(step, TimeSpan.FromSeconds(step / 10.0), _clock.Now, new OrderedDictionary<string,
            double>(values.Select(v => KeyValuePair.Create(v.Name, v.Value))));

    private string[] Lines(string name)
    {
        string text = File.ReadAllText(_folder.File(name));
        text.Should().EndWith("\n");
        return text[..^1].Split('\n');
    }
}
