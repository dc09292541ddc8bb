using MiniMind.MLNet.Dpo.Data;

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
}
