using System.Text;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Views over lines in memory, and the rows that they give.</summary>
internal static class JsonlLines
{
    public const string Name = "dpo.jsonl";

    public static JsonlDataView Pairs(params string[] lines) => Pairs(new PreferenceFileOptions(), lines);

    public static JsonlDataView Pairs(PreferenceFileOptions options, params string[] lines) => Pairs(options, Source(lines));

    public static JsonlDataView Pairs(PreferenceFileOptions options, params JsonlSource[] sources) =>
        new(sources, () => new PreferenceRow(options), options);

    public static JsonlDataView Conversations(params string[] lines)
    {
        ConversationFileOptions options = new();
        return new([Source(lines)], () => new ConversationRow(options), options);
    }

    public static JsonlSource Source(params string[] lines) => Source(Encoding.UTF8.GetBytes(string.Join('\n', lines)));

    public static JsonlSource Source(byte[] bytes, string name = Name) => new(name, () => new MemoryStream(bytes, writable: false));

    /// <summary>The rows' values of one text column.</summary>
    public static List<string> Texts(IDataView view, string column)
    {
        List<string> texts = new();
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema[column]]);
        ValueGetter<ReadOnlyMemory<char>> getter = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema[column]);
        ReadOnlyMemory<char> value = default;
        while (cursor.MoveNext())
        {
            getter(ref value);
            texts.Add(value.ToString());
        }
        return texts;
    }

    /// <summary>The one row's two conversations.</summary>
    public static (string Chosen, string Rejected) Pair(string line)
    {
        JsonlDataView view = Pairs(line);
        return (Texts(view, "Chosen").Single(), Texts(view, "Rejected").Single());
    }

    /// <summary>The rows' two conversations under these options, in few words: <c>user: q | assistant: a</c>.</summary>
    public static List<(string Chosen, string Rejected)> Said(PreferenceFileOptions options, params string[] lines)
    {
        JsonlDataView view = Pairs(options, lines);
        return [.. Texts(view, "Chosen").Zip(Texts(view, "Rejected"), (chosen, rejected) => (InWords(chosen), InWords(rejected)))];
    }

    /// <summary>The one row's two conversations in few words.</summary>
    public static (string Chosen, string Rejected) Said(string line) => Said(new PreferenceFileOptions(), line).Should().ContainSingle().Which;

    /// <summary>A message list in few words; only the role and the content of each message, which must have nothing besides.</summary>
    public static string InWords(string conversation)
    {
        using JsonDocument document = JsonDocument.Parse(conversation);
        return string.Join(" | ", document.RootElement.EnumerateArray().Select(message =>
        {
            message.EnumerateObject().Select(property => property.Name).Should().BeEquivalentTo("role", "content");
            return $"{message.GetProperty("role")}: {message.GetProperty("content")}";
        }));
    }

    /// <summary>The line numbers of the rows, read without any text column.</summary>
    public static List<long> LineNumbers(IDataView view) => [.. view.GetColumn<long>("LineNumber")];

    /// <summary>The error that reading the lines ends with.</summary>
    public static PreferenceDataException Fault(params string[] lines) => Fault(Pairs(lines));

    public static PreferenceDataException Fault(IDataView view)
    {
        Action read = () => LineNumbers(view);
        return read.Should().Throw<PreferenceDataException>().Which;
    }
}
