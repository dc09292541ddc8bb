using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Writes message lists in one canonical form: one line, no white space between tokens, every value as it was given.</summary>
internal sealed class MessageListWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);

    /// <summary>Starts a new list, forgetting the last.</summary>
    public void Begin()
    {
        _buffer.ResetWrittenCount();
        _buffer.Write("["u8);
    }

    /// <summary>Adds a message's object, fields and values verbatim.</summary>
    public void Add(ReadOnlySpan<byte> message)
    {
        Separate();
        WriteCompact(message);
    }

    /// <summary>Adds a message's object with one more field, <c>tools</c>.</summary>
    public void AddWithTools(ReadOnlySpan<byte> message, ReadOnlySpan<byte> tools)
    {
        Separate();
        WriteCompact(message[..message.LastIndexOf((byte)'}')]);
        _buffer.Write(",\"tools\":"u8);
        WriteCompact(tools);
        _buffer.Write("}"u8);
    }

    /// <summary>Adds a message whose content is a string token, with one more field, <c>tools</c>.</summary>
    public void AddWithTools(MessageRole role, ReadOnlySpan<byte> contentToken, ReadOnlySpan<byte> tools)
    {
        BeginMessage(role);
        _buffer.Write(contentToken);
        _buffer.Write(",\"tools\":"u8);
        WriteCompact(tools);
        _buffer.Write("}"u8);
    }

    /// <summary>Adds a message whose content is a string token, quotes and escapes included.</summary>
    public void Add(MessageRole role, ReadOnlySpan<byte> contentToken)
    {
        BeginMessage(role);
        _buffer.Write(contentToken);
        _buffer.Write("}"u8);
    }

    /// <summary>Adds a message whose content is a text.</summary>
    public void Add(MessageRole role, string content) => Add(role, Token(content));

    /// <summary>The string token of a text, quotes included.</summary>
    public static byte[] Token(string text) => Encoding.UTF8.GetBytes($"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"");

    /// <summary>Ends the list and returns its text.</summary>
    public string End()
    {
        _buffer.Write("]"u8);
        return Encoding.UTF8.GetString(_buffer.WrittenSpan);
    }

    private void BeginMessage(MessageRole role)
    {
        Separate();
        _buffer.Write("{\"role\":\""u8);
        Encoding.UTF8.GetBytes(role.Name(), _buffer);
        _buffer.Write("\",\"content\":"u8);
    }

    private void Separate()
    {
        if (_buffer.WrittenCount > 1)
            _buffer.Write(","u8);
    }

    private void WriteCompact(ReadOnlySpan<byte> json)
    {
        while (true)
        {
            int stop = json.IndexOfAny("\" \t\r"u8);
            if (stop < 0)
                break;
            _buffer.Write(json[..stop]);
            int next = stop + 1;
            if (json[stop] == '"')
            {
                next = StringEnd(json, next);
                _buffer.Write(json[stop..next]);
            }
            json = json[next..];
        }
        _buffer.Write(json);
    }

    private static int StringEnd(ReadOnlySpan<byte> json, int offset)
    {
        while (true)
        {
            offset += json[offset..].IndexOfAny("\"\\"u8);
            if (json[offset] == '"')
                return offset + 1;
            offset += 2;
        }
    }
}
