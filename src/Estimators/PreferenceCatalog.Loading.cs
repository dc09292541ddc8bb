using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Records;

namespace Microsoft.ML;

/// <content>The verbs that read files.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Reads preference pairs from a file with one JSON object per line.</summary>
    /// <param name="path">A file, or a pattern with <c>*</c> or <c>?</c> in the file name; matches are read in ordinal order of their names.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <returns>
    /// A lazy view with <c>Chosen</c> and <c>Rejected</c> (text: whole conversations, prompt included, as JSON message lists without
    /// white space between tokens) and <c>LineNumber</c> (int64). Each cursor reads the file anew, in constant memory.
    /// </returns>
    /// <remarks>
    /// <para>The plain form of a row has <c>chosen</c> and <c>rejected</c>, both message lists or both strings, and may have a <c>prompt</c>, a
    /// message list or a string. That covers MiniMind's rows (message lists that begin with the shared prompt) and TRL's four preference
    /// shapes. Further shapes are known by their fields: the prompt as <c>question</c>, <c>instruction</c> with <c>input</c>, <c>query</c>,
    /// <c>input</c>, or as a message list in <c>conversations</c>, <c>messages</c>, <c>context_messages</c> or <c>context</c>, with <c>system</c>,
    /// <c>history</c> and <c>tools</c> beside it; the answers as ms-swift's <c>rejected_response</c>, OpenAI's <c>preferred_output</c>, two
    /// responses with a verdict (HelpSteer, PKU-SafeRLHF, SHP) or a ranking (Nectar, UltraFeedback). ShareGPT's <c>from</c> and <c>value</c>,
    /// contents in text parts, message lists that stand in a string as JSON or as Python's <c>str()</c>, and transcripts of <c>Human:</c> and
    /// <c>Assistant:</c> turns are read as messages. The log says once which shape was taken; <see cref="JsonlFileOptions.Prompt"/>,
    /// <see cref="PreferenceFileOptions.Chosen"/> and <see cref="PreferenceFileOptions.Rejected"/> name the fields of any other.</para>
    /// <para>Strings become messages: the prompt is the user's, each answer the assistant's, characters unchanged. Strings without a
    /// <c>prompt</c> are divided after their longest common beginning that does not end inside a word, a number or a character of several
    /// code points (between ideographs it may end); one space before the answers stays with them, as in TRL. They are divided only where
    /// the row has no other text that could be the prompt. Message lists without a <c>prompt</c> must be the same up to an answer; from
    /// there on each side has its own turns. A <c>prompt</c> beside message lists that hold it already is not repeated.</para>
    /// <para>Messages keep every field (<c>reasoning_content</c>, <c>tools</c>, <c>tool_calls</c> and any other) with its value as it was written.
    /// Tools that a row lists beside its conversations go into the message that opens them. Ids, scores, names of sources and the like are
    /// left out; a field that may belong to the conversation and was not read is a fault, unless
    /// <see cref="JsonlFileOptions.IgnoredFields"/> names it. A ranking gives several rows with the same line number, by
    /// <see cref="PreferenceFileOptions.Rankings"/>. A byte order mark, CRLF and blank lines are accepted.</para>
    /// <para>A file of another kind (gzip, an array, CSV, Parquet, zip, ...) is refused by its name; <see cref="LoadFromFile(string, PreferenceFileOptions?)"/>
    /// reads most of them.</para>
    /// <para>A bad row is a <see cref="PreferenceDataException"/> when a cursor comes to it, or is skipped and counted, by
    /// <see cref="JsonlFileOptions.BadRows"/>; what was skipped is logged and told by <see cref="GetBadRows"/>.</para>
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public IDataView LoadFromJsonl(string path, PreferenceFileOptions? options = null) => LoadFromJsonl([path], options);

    /// <summary>Reads preference pairs from several files, one after the other; see the overload for one file.</summary>
    /// <param name="paths">Files or patterns, in the order to read them.</param>
    /// <param name="options">How to read; null for the defaults. <see cref="JsonlFileOptions.FileColumnName"/> adds a column that tells the files
    /// apart.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">No file is named, one is named twice, or the options contradict themselves.</exception>
    public IDataView LoadFromJsonl(IEnumerable<string> paths, PreferenceFileOptions? options = null)
    {
        options ??= new PreferenceFileOptions();
        return Load(paths, log => () => new PreferenceRow(options, log.Write), options, nameof(LoadFromJsonl), anyKind: false);
    }

    /// <summary>
    /// Reads preference pairs from a file of any kind that holds rows: JSON lines, a JSON array, a table (CSV, TSV), these packed by gzip, or Parquet.
    /// </summary>
    /// <param name="path">A file, or a pattern with <c>*</c> or <c>?</c> in the file name; matches are read in ordinal order of their names. The kind is told
    /// by the content, not by the name.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <returns>
    /// A lazy view with <c>Chosen</c> and <c>Rejected</c> (text: whole conversations, prompt included, as JSON message lists) and <c>LineNumber</c>
    /// (int64: the line in which the row begins; in Parquet, the row). Each cursor reads the file anew, in constant memory.
    /// </returns>
    /// <remarks>
    /// <para>Every row becomes a JSON object, which is read as <see cref="LoadFromJsonl(string, PreferenceFileOptions?)"/> reads a line.</para>
    /// <para>A JSON array may be on one line or on many; it is read element by element. JSON objects that follow one another over several lines each
    /// (as <c>jq</c> prints them) are read, too.</para>
    /// <para>A table has a header that names the fields. Cells may be quoted (RFC 4180), with doubled quotes and line breaks in them. Comma, semicolon and tab
    /// are found by the header; <see cref="JsonlFileOptions.Delimiter"/> names another. Every cell is a string and an empty cell an empty string, so that
    /// an empty <c>prompt</c> is an error and not an absent one. White space around the header's names is cut off.</para>
    /// <para>In Parquet, lists and structures become JSON's lists and objects, null stays null, times are ISO 8601 strings. One row group is in memory at a
    /// time, up to <see cref="JsonlFileOptions.MaxRowGroupBytes"/>.</para>
    /// <para>A file of another kind (zip, xlsx, a pickle, Arrow, a web page, text that is not UTF-8, ...) is refused by its name at once. Errors of rows name
    /// the
    /// line, the element of an array, or the row of Parquet. Nothing that is read is executed.</para>
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="PreferenceDataException">The file is of a kind that is not read, or damaged at its beginning.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public IDataView LoadFromFile(string path, PreferenceFileOptions? options = null) => LoadFromFile([path], options);

    /// <summary>Reads preference pairs from several files, which may be of different kinds, one after the other; see the overload for one file.</summary>
    /// <param name="paths">Files or patterns, in the order to read them.</param>
    /// <param name="options">How to read; null for the defaults. <see cref="JsonlFileOptions.FileColumnName"/> adds a column that tells the files
    /// apart.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="PreferenceDataException">A file is of a kind that is not read, or damaged at its beginning.</exception>
    /// <exception cref="ArgumentException">No file is named, one is named twice, or the options contradict themselves.</exception>
    public IDataView LoadFromFile(IEnumerable<string> paths, PreferenceFileOptions? options = null)
    {
        options ??= new PreferenceFileOptions();
        return Load(paths, log => () => new PreferenceRow(options, log.Write), options, nameof(LoadFromFile), anyKind: true);
    }

    /// <summary>Reads conversations for supervised fine-tuning from a file with one JSON object per line.</summary>
    /// <param name="path">A file, or a pattern with <c>*</c> or <c>?</c> in the file name; matches are read in ordinal order of their names.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <returns>A lazy view with <c>Conversation</c> (text: a JSON message list) and <c>LineNumber</c> (int64).</returns>
    /// <remarks>
    /// A row has <c>conversations</c> (MiniMind, ShareGPT) or <c>messages</c> (TRL), a message list, or else a prompt and an answer, each a message
    /// list or a string: <c>prompt</c> and <c>completion</c>, Alpaca's <c>instruction</c>, <c>input</c> and <c>output</c>, or <c>question</c> and
    /// <c>answer</c>. The rules for messages, strings, bad rows and files are those of <see cref="LoadFromJsonl(string, PreferenceFileOptions?)"/>.
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public IDataView LoadConversationsFromJsonl(string path, ConversationFileOptions? options = null) => LoadConversationsFromJsonl([path], options);

    /// <summary>Reads conversations from several files, one after the other; see the overload for one file.</summary>
    /// <param name="paths">Files or patterns, in the order to read them.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ArgumentException">No file is named, one is named twice, or the options contradict themselves.</exception>
    public IDataView LoadConversationsFromJsonl(IEnumerable<string> paths, ConversationFileOptions? options = null)
    {
        options ??= new ConversationFileOptions();
        return Load(paths, log => () => new ConversationRow(options, log.Write), options, nameof(LoadConversationsFromJsonl), anyKind: false);
    }

    /// <summary>Reads conversations for supervised fine-tuning from a file of any kind that holds rows.</summary>
    /// <param name="path">A file, or a pattern with <c>*</c> or <c>?</c> in the file name; matches are read in ordinal order of their names.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <returns>A lazy view with <c>Conversation</c> (text: a JSON message list) and <c>LineNumber</c> (int64).</returns>
    /// <remarks>
    /// Kinds of files are those of <see cref="LoadFromFile(string, PreferenceFileOptions?)"/>, rows those of
    /// <see cref="LoadConversationsFromJsonl(string, ConversationFileOptions?)"/>.
    /// </remarks>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="PreferenceDataException">The file is of a kind that is not read, or damaged at its beginning.</exception>
    /// <exception cref="ArgumentException">The options contradict themselves.</exception>
    public IDataView LoadConversationsFromFile(string path, ConversationFileOptions? options = null) => LoadConversationsFromFile([path], options);

    /// <summary>Reads conversations from several files, which may be of different kinds, one after the other; see the overload for one file.</summary>
    /// <param name="paths">Files or patterns, in the order to read them.</param>
    /// <param name="options">How to read; null for the defaults.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A path leads to a pipe, a device or anything else that is no regular file.</exception>
    /// <exception cref="PreferenceDataException">A file is of a kind that is not read, or damaged at its beginning.</exception>
    /// <exception cref="ArgumentException">No file is named, one is named twice, or the options contradict themselves.</exception>
    public IDataView LoadConversationsFromFile(IEnumerable<string> paths, ConversationFileOptions? options = null)
    {
        options ??= new ConversationFileOptions();
        return Load(paths, log => () => new ConversationRow(options, log.Write), options, nameof(LoadConversationsFromFile), anyKind: true);
    }

    /// <summary>Tells what the latest complete pass over the files behind a view delivered and left out.</summary>
    /// <param name="data">A loaded view, or one made from it by transforms that pass the line number column on.</param>
    /// <returns>Null where the view comes from no such file, its line number column is gone, or nothing has read the files to their end yet.</returns>
    public BadRowReport? GetBadRows(IDataView data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data is JsonlDataView view ? view.Report : BadRowReport.Find(data.Schema);
    }

    private JsonlDataView Load(IEnumerable<string> paths, Func<RowShapeLog, Func<RowFormat>> newFormat, JsonlFileOptions options, string verb, bool anyKind)
    {
        options.Validate();
        if (!anyKind && options.UselessForLines is { } useless)
        {
            throw new ArgumentException(
                $"{useless} is set, and {verb} reads JSON lines, which have no use for it; leave it out, or call " +
                $"{verb.Replace("Jsonl", "File", StringComparison.Ordinal)}.", nameof(options));
        }

        IReadOnlyList<JsonlSource> sources = JsonlFiles.Resolve(paths);
        RecordSource records = new(options, anyKind);
        foreach (JsonlSource source in sources)
            records.Open(source).Dispose();
        IHost host = Environment.Register(verb);
        BadRowLog log = new(host);
        return new JsonlDataView(sources, newFormat(new RowShapeLog(host)), options, log.Write, anyKind);
    }
}
