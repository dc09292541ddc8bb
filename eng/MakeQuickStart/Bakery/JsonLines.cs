using System.Text.Encodings.Web;
using System.Text.Json;

namespace MakeQuickStart.Bakery;

/// <summary>Writes rows in MiniMind's JSONL forms.</summary>
internal static class JsonLines
{
    // Quotes and non-ASCII letters stay readable; these files are never embedded in HTML.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary><c>{"conversations": [...]}</c>, as for supervised fine-tuning.</summary>
    public static void WriteConversations(string path, IEnumerable<Turn[]> conversations) => Write(path, conversations, (json, turns) =>
        WriteMessages(json, "conversations", turns));

    /// <summary><c>{"chosen": [...], "rejected": [...]}</c>, as for DPO.</summary>
    public static void WritePreferences(string path, IEnumerable<Preference> preferences) => Write(path, preferences, (json, preference) =>
    {
        WriteMessages(json, "chosen", [new(preference.Question, preference.Chosen)]);
        WriteMessages(json, "rejected", [new(preference.Question, preference.Rejected)]);
    });

    private static void Write<T>(string path, IEnumerable<T> rows, Action<Utf8JsonWriter, T> writeMembers)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using FileStream stream = File.Create(path);
        foreach (T row in rows)
        {
            using (Utf8JsonWriter json = new(stream, s_options))
            {
                json.WriteStartObject();
                writeMembers(json, row);
                json.WriteEndObject();
            }
            stream.WriteByte((byte)'\n');
        }
    }

    private static void WriteMessages(Utf8JsonWriter json, string name, IEnumerable<Turn> turns)
    {
        json.WriteStartArray(name);
        foreach (Turn turn in turns)
        {
            WriteMessage(json, "user", turn.Question);
            WriteMessage(json, "assistant", turn.Answer);
        }
        json.WriteEndArray();
    }

    private static void WriteMessage(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }
}
