using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Transforms.Mixing;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Mixing;

public sealed class MixTests
{
    private readonly MLContext _context = new(seed: 42);

    [Fact]
    public void Concatenate_Sets_GivesAllRowsInOrder()
    {
        IDataView all = _context.Preferences.Concatenate(Set("a", 3), Set("b", 0), Set("c", 2));

        Names(all).Should().Equal("a0", "a1", "a2", "c0", "c1");
        all.GetRowCount().Should().Be(5);
    }

    [Fact]
    public void Mix_UntilTheFirstEnds_DrawsWithinBinomialBounds()
    {
        string[] names = Names(_context.Preferences.Mix([(0.2, Set("a", 100_000)), (0.5, Set("b", 100_000)), (0.3, Set("c", 3000))]));

        names.Should().OnlyHaveUniqueItems("no row comes twice");
        names.Count(name => name[0] == 'c').Should().Be(3000, "it is the first to end");
        int drawn = names.Length;
        foreach ((char set, double share) in new[] { ('a', 0.2), ('b', 0.5), ('c', 0.3) })
        {
            names.Count(name => name[0] == set).Should()
                .BeCloseTo((int)(share * drawn), (uint)(4 * Math.Sqrt(drawn * share * (1 - share))), "that is 4 standard deviations");
        }

        foreach (char set in "abc")
            names.Where(name => name[0] == set).Select(name => int.Parse(name[1..])).Should().BeInAscendingOrder();
    }

    [Fact]
    public void Mix_UntilTheLastEnds_GivesEveryRowAndBeginsShortSetsAnew()
    {
        string[] names = Names(_context.Preferences.Mix([(0.5, Set("a", 10)), (0.5, Set("b", 1000))], MixUntil.LastEnds));

        names.Where(name => name[0] == 'b').Should().Equal(Enumerable.Range(0, 1000).Select(i => $"b{i}"), "it ends last, and is read once");
        string[] repeated = [.. names.Where(name => name[0] == 'a')];
        repeated.Should().Equal(Enumerable.Range(0, repeated.Length).Select(i => $"a{i % 10}"));
        repeated.Length.Should().BeCloseTo(1000, (uint)(4 * Math.Sqrt(2000)), "each b comes with an a on average");
    }

    [Fact]
    public void Mix_ReadAgain_GivesTheSameRowsAndIds()
    {
        IDataView mixed = _context.Preferences.Mix([(0.5, Set("a", 500)), (0.5, Set("b", 500))], MixUntil.LastEnds);
        (string, DataViewRowId)[] first = Rows(mixed);

        Rows(mixed).Should().Equal(first);
        first.Select(row => row.Item2).Should().OnlyHaveUniqueItems();
        DataViewRowCursor[] several = mixed.GetRowCursorSet(mixed.Schema, 4);
        several.Should().ContainSingle("rows in an order of their own are one cursor's");
        several[0].Dispose();
        Names(new MLContext().Preferences.Mix([(0.5, Set("a", 500)), (0.5, Set("b", 500))], MixUntil.LastEnds, seed: 42)).Should()
            .Equal(first.Select(row => row.Item1), "the context's seed is the default");
        Names(_context.Preferences.Mix([(0.5, Set("a", 500)), (0.5, Set("b", 500))], MixUntil.LastEnds, seed: 43)).Should()
            .NotEqual(first.Select(row => row.Item1));
    }

    [Fact]
    public void Draw_OfASeed_StaysAsItIs()
    {
        // runs are resumed with other versions of the library
        MixRule rule = new([0.25, 0.5, 0.25], MixUntil.FirstEnds, 7);
        string.Concat(Enumerable.Range(0, 40).Select(number => rule.Draw((ulong)number))).Should().Be("1111102220210022211202112122121211210212");
        Enumerable.Range(0, 40).Select(number => (rule with { Probabilities = [1] }).Draw((ulong)number)).Should().AllBeEquivalentTo(0);
    }

    [Fact]
    public void Mix_TheRestOfALine_CanBeReadAfterAnother()
    {
        IDataView mixed = _context.Preferences.Mix([(0.5, Set("a", 4)), (0.5, Set("b", 40))], MixUntil.LastEnds);
        using DataViewRowCursor cursor = mixed.GetRowCursor(mixed.Schema);
        ValueGetter<ReadOnlyMemory<char>> name = cursor.GetGetter<ReadOnlyMemory<char>>(mixed.Schema["Name"]);
        ValueGetter<VBuffer<int>> ids = cursor.GetGetter<VBuffer<int>>(mixed.Schema["Ids"]);
        ReadOnlyMemory<char> text = default;
        VBuffer<int> values = default;
        FluentActions.Invoking(() => name(ref text)).Should().Throw<InvalidOperationException>();
        while (cursor.MoveNext())
        {
            name(ref text);
            ids(ref values);
            values.DenseValues().Should().Equal(Enumerable.Repeat(int.Parse(text.Span[1..]), text.Span[0] == 'a' ? 2 : 3));
        }
        cursor.Position.Should().Be(-1);
        cursor.MoveNext().Should().BeFalse();
    }

    [Fact]
    public void Mix_CursorThatIsDisposed_IsOnNoRow()
    {
        IDataView mixed = _context.Preferences.Concatenate(Set("a", 2), Set("b", 1));
        DataViewRowCursor cursor = mixed.GetRowCursor(mixed.Schema);
        ValueGetter<DataViewRowId> id = cursor.GetIdGetter();
        cursor.MoveNext().Should().BeTrue();

        cursor.Dispose();

        cursor.Position.Should().Be(-1);
        cursor.MoveNext().Should().BeFalse();
        DataViewRowId value = default;
        FluentActions.Invoking(() => id(ref value)).Should().Throw<InvalidOperationException>().WithMessage("*not on a row*");
    }

    [Fact]
    public void Mix_OnlyOneColumnAsked_ReadsNoOther()
    {
        IDataView mixed = _context.Preferences.Concatenate(Set("a", 1), Set("b", 1));
        using DataViewRowCursor cursor = mixed.GetRowCursor([mixed.Schema["Name"]]);

        cursor.IsColumnActive(mixed.Schema["Ids"]).Should().BeFalse();
        cursor.Invoking(c => c.GetGetter<VBuffer<int>>(mixed.Schema["Ids"])).Should().Throw<ArgumentOutOfRangeException>();
        cursor.Invoking(c => c.GetGetter<int>(mixed.Schema["Name"])).Should().Throw<InvalidOperationException>();
    }

    [Fact]
    public void Mix_ColumnOfAnotherView_IsNoneOfTheCursor()
    {
        IDataView mixed = _context.Preferences.Concatenate(Set("a", 1), Set("b", 1));
        IDataView other = _context.Transforms.SelectColumns("Ids").Fit(Set("a", 1)).Transform(Set("a", 1));
        using DataViewRowCursor cursor = mixed.GetRowCursor(mixed.Schema);

        other.Schema["Ids"].Index.Should().NotBe(mixed.Schema["Ids"].Index);
        cursor.Invoking(c => c.IsColumnActive(other.Schema["Ids"])).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*no column 'Ids' at index 0*");
    }

    [Fact]
    public void Mix_OtherColumns_AreRefusedByName()
    {
        IDataView more = _context.Transforms.CopyColumns("More", "Name").Fit(Set("a", 1)).Transform(Set("a", 1));
        IDataView other = _context.Transforms.Conversion.MapValueToKey("Name").Fit(Set("a", 1)).Transform(Set("a", 1));
        foreach (Func<IDataView, IDataView> mix in new Func<IDataView,
            IDataView>[] { set => _context.Preferences.Concatenate(Set("b", 1), set), set => _context.Preferences.Concatenate(set, Set("b", 1)) })
        {
            mix.Invoking(m => m(more)).Should().Throw<ArgumentException>().WithMessage("*has no column 'More'*");
            mix.Invoking(m => m(other)).Should().Throw<ArgumentException>().WithMessage("The column 'Name' is * in data set 2 and * in another one*");
        }
    }

    [Theory]
    [InlineData(0.5, 0.4, "*add up to 0.9; they must add up to 1*")]
    [InlineData(1, 0, "The probability of data set 2 is 0;*")]
    [InlineData(1.5, -0.5, "The probability of data set 2 is -0.5;*")]
    [InlineData(double.NaN, 1, "The probability of data set 1 is NaN;*")]
    public void Mix_WrongProbabilities_AreRefused(double first, double second, string message) =>
        _context.Preferences.Invoking(preferences => preferences.Mix([(first, Set("a", 1)), (second, Set("b", 1))])).Should().Throw<ArgumentException>()
            .WithMessage(message);

    [Fact]
    public void Mix_EmptySet_IsSaidWhereARowIsDrawnFromIt() =>
        FluentActions.Invoking(() => Names(_context.Preferences.Mix([(0.5, Set("a", 0)), (0.5, Set("b", 9))], MixUntil.LastEnds)))
            .Should().Throw<InvalidDataException>().WithMessage("Data set 1 of the mixture has no row*");

    [Fact]
    public void Mix_SetsWithAndWithoutWeights_CountTheOthersOnce()
    {
        IDataView weighted = _context.Data.LoadFromEnumerable(
            new[] { new Weighted { Name = "a0", Ids = [0, 0], Weight = 0.5 }, new Weighted { Name = "a1", Ids = [0, 0], Weight = 2 } });

        foreach (IDataView mixed in new[] { _context.Preferences.Concatenate(weighted, Set("b", 2)), _context.Preferences.Concatenate(Set("b", 2), weighted) })
            mixed.GetColumn<double>("Weight").Order().Should().Equal(0.5, 1, 1, 2);
    }

    [Fact]
    public void Concatenate_FilesWithBadRows_ReportsThoseOfAll()
    {
        string folder = Directory.CreateTempSubdirectory("mix-").FullName;
        string Write(string name, params string[] lines)
        {
            File.WriteAllLines(Path.Combine(folder, name), lines);
            return Path.Combine(folder, name);
        }
        try
        {
            const string Good = """{"prompt": "q", "chosen": "a", "rejected": "b"}""";
            PreferenceFileOptions options = new() { BadRows = BadRowPolicy.Skip };
            IDataView all = _context.Preferences.Concatenate(
                _context.Preferences.LoadFromJsonl(Write("a.jsonl", Good, "{"), options),
                    _context.Preferences.LoadFromJsonl(Write("b.jsonl", "[1]", Good, Good), options));
            _context.Preferences.GetBadRows(all).Should().BeNull("nothing has been read");
            all.GetColumn<long>("LineNumber").Should().Equal(1, 2, 3);

            BadRowReport report = _context.Preferences.GetBadRows(all)!;
            (report.GoodRowCount, report.BadRowCount).Should().Be((3, 2));
            report.Rows.Select(row => (row.Path, row.LineNumber)).Should().Equal(("a.jsonl", 2), ("b.jsonl", 1));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Fit_OnAMixtureAndResumed_GivesWhatAWholeRunGives()
    {
        string folder = Directory.CreateTempSubdirectory("mix-").FullName;
        try
        {
            using PretrainedModel model = SmallModel.Create();
            DpoTrainer.Options options = new() { Model = model, LearningRate = 1e-3, BatchSize = 4, Device = ComputeDevice.Cpu, LogInterval = 1 };
            float[] whole = Fit(options, Pairs());
            using CancellationTokenSource stop = new();
            DpoTrainer.Options kept = options with { Checkpoints = new() { Folder = folder, EverySteps = 1 } };
            FluentActions.Invoking(() => Fit(kept with { CancellationToken = stop.Token, Progress = new StopAfter(3, stop) }, Pairs())).Should()
                .Throw<OperationCanceledException>();

            Fit(kept with { Checkpoints = new() { Folder = folder, EverySteps = 1, Resume = ResumeMode.Required } }, Pairs()).Should().Equal(whole);
            FluentActions.Invoking(() => Fit(kept, Pairs(seed: 9))).Should().Throw<InvalidOperationException>().WithMessage("*Data is *");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private IDataView Pairs(int seed = 5) =>
        _context.Preferences.Mix([(0.6, SmallModel.Pairs(_context, 15, seed: 1)), (0.4, SmallModel.Pairs(_context, 15, seed: 2))], MixUntil.LastEnds, seed);

    private float[] Fit(DpoTrainer.Options options, IDataView data)
    {
        using DpoTransformer trained = new DpoTrainer(_context, options).Fit(data);
        using PretrainedModel policy = trained.AsModel();
        MiniMindNetwork network = policy.Network.Network;
        return [.. network.named_parameters().SelectMany(p => p.parameter.detach().data<float>().ToArray())];
    }

    private IDataView Set(string name, int count) => _context.Data.LoadFromEnumerable(
        Enumerable.Range(0, count).Select(i => new Row { Name = $"{name}{i}", Ids = [.. Enumerable.Repeat(i, name == "a" ? 2 : 3)] }).ToList());

    private static string[] Names(IDataView view) => [.. view.GetColumn<string>("Name")];

    private static (string, DataViewRowId)[] Rows(IDataView view)
    {
        List<(string, DataViewRowId)> rows = [];
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<ReadOnlyMemory<char>> name = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Name"]);
        ValueGetter<DataViewRowId> idOf = cursor.GetIdGetter();
        ReadOnlyMemory<char> text = default;
        DataViewRowId id = default;
        while (cursor.MoveNext())
        {
            name(ref text);
            idOf(ref id);
            rows.Add((text.ToString(), id));
        }
        return [.. rows];
    }

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public int[] Ids { get; set; } = [];
    }

    private sealed class Weighted
    {
        public string Name { get; set; } = "";

        public int[] Ids { get; set; } = [];

        public double Weight { get; set; }
    }

    private sealed class StopAfter(long step, CancellationTokenSource stop) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value)
        {
            if (value.Point.Step >= step)
                stop.Cancel();
        }
    }
}
