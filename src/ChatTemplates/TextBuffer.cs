using System.Text;

namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>Text being rendered, refused once it grows past its bound; captured text also counts as memory used on the way.</summary>
internal sealed class TextBuffer(RenderContext context, bool captured)
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public void Append(string text)
    {
        Account(text.Length);
        _text.Append(text);
    }

    public override string ToString() => _text.ToString();

    private void Account(int characters)
    {
        context.RequireLength((long)_text.Length + characters);
        if (captured)
            context.ChargeBytes(2L * characters);
    }
}
