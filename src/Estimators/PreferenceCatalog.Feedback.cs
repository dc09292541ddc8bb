using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace Microsoft.ML;

/// <content>Feedback: single answers, each good or bad.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Reads feedback, such as an app's thumbs up and down, from a file of any kind that holds rows.</summary>
    /// <param name="path">A file, or a pattern with <c>*</c> or <c>?</c> in the file name; matches are read in ordinal order of their names.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <returns>
    /// A lazy view with <c>Conversation</c> (text: a JSON message list), <c>Label</c> (boolean: whether its last answer is a good one) and
    /// <c>LineNumber</c> (int64).
    /// </returns>
    /// <remarks>
    /// <para>Kinds of files are those of <see cref="LoadFromFile(string, PreferenceFileOptions?)"/>. The conversation of a row is read as
    /// <see cref="LoadConversationsFromJsonl(string, ConversationFileOptions?)"/> reads it: a prompt and a completion, or messages.</para>
    /// <para>The verdict stands in <c>label</c> (TRL), <c>kto_tag</c>, <c>feedback</c>, <c>thumbs</c>, <c>thumb</c>, <c>vote</c>, or the field that
    /// <see cref="FeedbackFileOptions.Label"/> names: true or false, 1 or 0, 1 or -1, or a word such as "up" or "down", "like" or "dislike", "good" or
    /// "bad", a thumb's emoji. Anything else, stars and empty verdicts among them, is a bad row; so is 0 in a file that has -1.</para>
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="PreferenceDataException">The file is of a kind that is not read, or damaged at its beginning.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public IDataView LoadFeedbackFromFile(string path, FeedbackFileOptions? options = null) => LoadFeedbackFromFile([path], options);

    /// <summary>Reads feedback from several files, which may be of different kinds, one after the other; see the overload for one file.</summary>
    /// <param name="paths">Files or patterns, in the order to read them.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="PreferenceDataException">A file is of a kind that is not read, or damaged at its beginning.</exception>
    /// <exception cref="ArgumentException">No file is named, one is named twice, or the options contradict themselves.</exception>
    public IDataView LoadFeedbackFromFile(IEnumerable<string> paths, FeedbackFileOptions? options = null)
    {
        options ??= new FeedbackFileOptions();
        return Load(paths, log => () => new FeedbackRow(options, log.Write), options, nameof(LoadFeedbackFromFile), anyKind: true);
    }
    /// <summary>Measures how well scored answers agree with their verdicts: good ones should have rewards above 0 and above those of bad ones.</summary>
    /// <param name="data">Has the columns that <see cref="KtoTransformer"/> adds, and the verdicts.</param>
    /// <param name="columns">The scores' names; <see langword="null"/> for the defaults.</param>
    /// <param name="labelColumnName">The column of verdicts: boolean, true for a good answer.</param>
    /// <param name="baseline">
    /// The baseline z of KTO in the loss, nats; <see langword="null"/> for the one that training measured last, since scores of single answers do not tell it.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or the baseline is below 0.</exception>
    /// <exception cref="InvalidOperationException">No answer has a score.</exception>
    public FeedbackMetrics EvaluateFeedback(
        IDataView data, FeedbackScoreColumns? columns = null, string labelColumnName = ColumnNames.Label, double? baseline = null) =>
        EvaluateFeedback(data, new SingleProcess(), columns, labelColumnName, baseline);

    /// <summary>
    /// Measures as one of several processes: each scores its part of the answers, and all get the result of all. Every process calls it, with the same data.
    /// </summary>
    /// <param name="data">See the overload for one process; the same rows in the same order on every process.</param>
    /// <param name="communicator">Connects the processes; an error of one ends all, as <see cref="DistributedGuard"/> does.</param>
    /// <param name="columns">The scores' names; <see langword="null"/> for the defaults.</param>
    /// <param name="labelColumnName">The column of verdicts.</param>
    /// <param name="baseline">The baseline z of KTO in the loss, nats; <see langword="null"/> for the one that training measured last.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type, or the baseline is below 0.</exception>
    /// <exception cref="InvalidOperationException">No answer has a score, or the processes have different numbers of answers.</exception>
    public FeedbackMetrics EvaluateFeedback(
        IDataView data, ICommunicator communicator, FeedbackScoreColumns? columns = null, string labelColumnName = ColumnNames.Label,
        double? baseline = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentException.ThrowIfNullOrWhiteSpace(labelColumnName);
        if (baseline is { } z && !(z >= 0 && double.IsFinite(z)))
            throw new ArgumentOutOfRangeException(nameof(baseline), baseline, "A baseline is 0 or more.");
        columns ??= new FeedbackScoreColumns();
        FeedbackMetrics? metrics = null;
        void Evaluate() => metrics = FeedbackEvaluator.Evaluate(data, columns, labelColumnName, baseline, communicator);
        if (communicator.Size == 1)
            Evaluate();
        else
            DistributedGuard.Run(communicator, Evaluate);
        return metrics!;
    }
}
