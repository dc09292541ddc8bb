namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>Says when a part of a checkpoint's file is written.</summary>
internal sealed class ReportingFile(string path) : FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1)
{
    public override void Write(byte[] buffer, int offset, int count)
    {
        Report.Happened(RunEvent.FileWrite);
        base.Write(buffer, offset, count);
    }
}
