using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Estimators;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>A model file that is replaced while predictions go on.</summary>
public sealed class WatchedModelTests(WatchedModelTests.Models models) : IClassFixture<WatchedModelTests.Models>
{
    private static readonly WatchedModelOptions s_often = new() { Period = TimeSpan.FromMilliseconds(10), Logger = new RecordedLog() };

    private readonly MLContext _context = new(seed: 1);
    private readonly string _path = models.Two.Place($"{Guid.NewGuid():N}.zip");

    private TwoModels Two => models.Two;

    [Fact]
    public async Task Predict_AThousandTimesWhileTheFileIsReplacedTenTimes_NeverFails()
    {
        Two.Rename(0, _path);
        using WatchedModel watched = _context.Preferences.WatchModel(_path, s_often);
        using PredictionPool<PreferencePair, PreferenceScore> pool = _context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(watched.Transformer);
        ConcurrentDictionary<float, int> margins = [];
        int made = 0;

        Task requests = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            while (Volatile.Read(ref made) < 1000 || watched.Replacements < 10)
            {
                PreferenceScore score = pool.Predict(TwoModels.Pair);
                PreferenceScore whole = Two.Scores.Single(one => one.Margin == score.Margin);
                (score.ChosenLogProb, score.RejectedLogProb, score.ChosenReward, score.RejectedReward, score.Probability).Should().Be(
                    (whole.ChosenLogProb, whole.RejectedLogProb, whole.ChosenReward, whole.RejectedReward, whole.Probability), "all come from one model");
                margins.AddOrUpdate(score.Margin, 1, (_, count) => count + 1);
                Interlocked.Increment(ref made);
            }
        })));
        for (int i = 1; i <= 10; i++)
        {
            Two.Rename(i % 2, _path);
            await Until(() => watched.Replacements == i || requests.IsCompleted);
        }
        await requests;

        margins.Keys.Should().BeEquivalentTo(Two.Margins, "every prediction is wholly that of one of the two models");
        margins.Values.Sum().Should().BeGreaterThanOrEqualTo(1000);
        (watched.Replacements, watched.Refusal).Should().Be((10, null));
    }

    [Fact]
    public async Task File_WrittenInPlaceAndSlowly_IsUsedWhenItIsWhole()
    {
        Two.Rename(0, _path);
        using WatchedModel watched = _context.Preferences.WatchModel(_path, s_often);
        using PredictionPool<PreferencePair, PreferenceScore> pool = _context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(watched.Transformer);
        byte[] bytes = File.ReadAllBytes(Two.Files[1]);

        using (FileStream file = new(_path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite))
        {
            for (int i = 0; i < 4; i++)
            {
                file.Write(bytes.AsSpan(bytes.Length / 4 * i, i == 3 ? bytes.Length - bytes.Length / 4 * 3 : bytes.Length / 4));
                file.Flush();
                await Task.Delay(60); // longer than two looks, so that half of a file is tried
                pool.Predict(TwoModels.Pair).Margin.Should().BeOneOf(i < 3 ? [Two.Margins[0]] : Two.Margins);
            }
        }
        await Until(() => watched.Replacements == 1);

        pool.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[1]);
        watched.Refusal.Should().BeNull();
    }

    public static TheoryData<string> Faults => ["empty", "half", "text", "other columns", "gone", "folder"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task File_ThatCannotBeUsed_ChangesNothingUntilOneCan(string fault)
    {
        Two.Rename(0, _path);
        RecordedLog log = new();
        using WatchedModel watched = _context.Preferences.WatchModel(_path, s_often with { Logger = log });
        using PredictionPool<PreferencePair, PreferenceScore> pool = _context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(watched.Transformer);

        switch (fault)
        {
            case "empty":
                Put([]);
                break;
            case "half":
                Put(File.ReadAllBytes(Two.Files[1])[..20_000]);
                break;
            case "text":
                Put("no model"u8.ToArray());
                break;
            case "other columns":
                IDataView numbers = _context.Data.LoadFromEnumerable([TwoModels.Pair]);
                _context.Model.Save(_context.Transforms.CopyColumns("Text", "Chosen").Fit(numbers), numbers.Schema, _path);
                break;
            default:
                File.Delete(_path);
                if (fault == "folder")
                    Directory.CreateDirectory(_path);
                break;
        }
        if (fault is "gone" or "folder")
            await Task.Delay(60);
        else
            await Until(() => watched.Refusal is not null);
        pool.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[0]);
        await Task.Delay(60);
        log.Lines.Should().HaveCount(fault is "gone" or "folder" ? 0 : 1, "a file is complained about once");
        if (fault == "folder")
            Directory.Delete(_path);
        Two.Rename(1, _path);
        await Until(() => watched.Replacements == 1);

        pool.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[1]);
        watched.Refusal.Should().BeNull();
        log.Lines[^1].Should().Contain("was replaced");
    }

    /// <summary>In one move: what is being written and seen twice on a busy machine would be complained about, too.</summary>
    private void Put(byte[] content)
    {
        File.WriteAllBytes(_path + ".part", content);
        File.Move(_path + ".part", _path, overwrite: true);
    }

    [Fact]
    public void Replaced_TenTimes_KeepsOneModelInMemory()
    {
        Two.Rename(0, _path);
        using WatchedModel watched = _context.Preferences.WatchModel(_path, new WatchedModelOptions { Period = TimeSpan.FromDays(1) });
        using PredictionPool<PreferencePair, PreferenceScore> pool = _context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(watched.Transformer);
        List<bool> alive = [];
        using ModelSource source = new(new Disposable(alive));
        for (int i = 1; i <= 10; i++)
        {
            source.Replace(new Disposable(alive));
            alive.Count(one => one).Should().Be(1, "the one before is disposed when the next one is there");
            Two.Rename(i % 2, _path);
            watched.Refresh().Should().BeTrue();
            pool.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[i % 2]);
        }
        watched.Replacements.Should().Be(10);
    }

    [Fact]
    public void Model_ThatIsUsed_IsDisposedWhenItsLastUserLetsGo()
    {
        List<bool> alive = [];
        ModelSource source = new(new Disposable(alive));
        ModelGeneration first = source.Use(), again = source.Use();

        source.Replace(new Disposable(alive));
        first.Release();
        alive.Should().Equal(true, true);
        again.Release();
        alive.Should().Equal(false, true);
        source.Dispose();
        alive.Should().Equal(false, false);
        FluentActions.Invoking(source.Use).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Model_OfAFile_LetsGoOfItsNetworksWhenItIsReplaced()
    {
        ITransformer first = _context.Preferences.LoadModel(Two.Files[0]);
        DpoTransformer scorer = (DpoTransformer)((TransformerChain<ITransformer>)first).LastTransformer;
        using ModelSource source = new(first);
        scorer.AsModel().Dispose();

        source.Replace(_context.Preferences.LoadModel(Two.Files[1]));

        FluentActions.Invoking(scorer.AsModel).Should().Throw<ObjectDisposedException>("its native memory is free without a garbage collection");
    }

    [Fact]
    public void Transform_Cursor_ReadsOneModelToItsEnd()
    {
        Two.Rename(0, _path);
        using WatchedModel watched = _context.Preferences.WatchModel(_path, new WatchedModelOptions { Period = TimeSpan.FromDays(1) });
        IDataView pairs = _context.Data.LoadFromEnumerable(Enumerable.Repeat(TwoModels.Pair, 3)), scored = watched.Transformer.Transform(pairs);
        DataViewSchema.Column margin = scored.Schema["Margin"];
        List<float> margins = [];

        using (DataViewRowCursor cursor = scored.GetRowCursor([margin]))
        {
            ValueGetter<float> getter = cursor.GetGetter<float>(margin);
            while (cursor.MoveNext())
            {
                float value = 0;
                getter(ref value);
                margins.Add(value);
                Two.Rename(1, _path);
                watched.Refresh();
            }
        }

        margins.Should().HaveCount(3).And.OnlyContain(value => Math.Abs(value - Two.Margins[0]) < 1e-5);
        scored.GetColumn<float>("Margin").Should().HaveCount(3).And.OnlyContain(value => Math.Abs(value - Two.Margins[1]) < 1e-5);
    }

    [Fact]
    public void Engine_Disposed_LeavesTheModel()
    {
        Two.Rename(0, _path);
        using WatchedModel watched = _context.Preferences.WatchModel(_path, s_often);
        PredictionEngine<PreferencePair, PreferenceScore> Engine() =>
            _context.Model.CreatePredictionEngine<PreferencePair, PreferenceScore>(watched.Transformer);
        using (PredictionEngine<PreferencePair, PreferenceScore> engine = Engine())
            engine.Predict(TwoModels.Pair);

        using PredictionEngine<PreferencePair, PreferenceScore> second = Engine();
        second.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[0]);
        watched.Dispose();
        FluentActions.Invoking(() => second.Predict(TwoModels.Pair)).Should().Throw<ObjectDisposedException>().WithMessage("*WatchedModel*");
        FluentActions.Invoking(watched.Refresh).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Save_OfWhatIsWatched_SavesTheNewestModel()
    {
        Two.Rename(1, _path);
        using WatchedModel watched = _context.Preferences.WatchModel(_path, s_often);
        string copy = Two.Place("copy.zip");

        _context.Model.Save(watched.Transformer, null, copy);

        using PredictionEngine<PreferencePair, PreferenceScore> engine = _context.Model.CreatePredictionEngine<PreferencePair, PreferenceScore>(
            _context.Preferences.LoadModel(copy));
        engine.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[1]);
    }

    [Fact]
    public void Arguments_ThatCannotBe_AreRefused()
    {
        FluentActions.Invoking(() => _context.Preferences.WatchModel(_path)).Should().Throw<IOException>();
        Put("no model"u8.ToArray());
        FluentActions.Invoking(() => _context.Preferences.WatchModel(_path)).Should().Throw<InvalidDataException>();
        Two.Rename(0, _path);
        FluentActions.Invoking(() => _context.Preferences.WatchModel(_path, new WatchedModelOptions { Period = TimeSpan.Zero })).Should()
            .Throw<ArgumentException>().WithMessage("*Period*");
        FluentActions.Invoking(() => _context.Preferences.WatchModel(" ")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Pool_Disposed_PredictsNoMore()
    {
        Two.Rename(0, _path);
        ITransformer model = _context.Preferences.LoadModel(_path);
        using IDisposable owned = (IDisposable)model;
        PredictionPool<PreferencePair, PreferenceScore> pool = _context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(model);
        pool.Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[0]);
        pool.Dispose();

        FluentActions.Invoking(() => pool.Predict(TwoModels.Pair)).Should().Throw<ObjectDisposedException>();
        _context.Model.CreatePredictionPool<PreferencePair, PreferenceScore>(model).Predict(TwoModels.Pair).Margin.Should().Be(Two.Margins[0]);
    }

    private static async Task Until(Func<bool> condition)
    {
        for (int i = 0; i < 6000 && !condition(); i++)
            await Task.Delay(10);
        condition().Should().BeTrue("it happens within a minute");
    }

    /// <summary>The files, made once.</summary>
    public sealed class Models : IDisposable
    {
        internal TwoModels Two { get; } = new();

        public void Dispose() => Two.Dispose();
    }

    private sealed class Disposable : ITransformer, IDisposable
    {
        private readonly List<bool> _alive;
        private readonly int _index;

        public Disposable(List<bool> alive)
        {
            (_alive, _index) = (alive, alive.Count);
            alive.Add(true);
        }

        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => throw new NotSupportedException();

        public IDataView Transform(IDataView input) => input;

        void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();

        public void Dispose() => _alive[_index] = false;
    }

    private sealed class RecordedLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
