using System.Text;

namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>A writer whose text cannot command a terminal; see <see cref="VisibleText"/>.</summary>
/// <param name="output">What is written to.</param>
internal sealed class VisibleWriter(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void Write(char value) => output.Write(VisibleText.Of(value.ToString()));

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void Write(string? value) => output.Write(VisibleText.Of(value ?? ""));

    public override void WriteLine(string? value)
    {
        Write(value);
        output.WriteLine();
    }

    public override void WriteLine() => output.WriteLine();

    public override void Flush() => output.Flush();
}
