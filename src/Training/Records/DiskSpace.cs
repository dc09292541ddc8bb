namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Tells a full disk from other faults.</summary>
internal static class DiskSpace
{
    private const int NoSpaceLeft = 28, QuotaExceededLinux = 122, QuotaExceededMac = 69; // errno
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027), WindowsDiskFull = unchecked((int)0x80070070);

    /// <summary>Whether a write failed for want of room.</summary>
    public static bool IsExhausted(IOException fault) => OperatingSystem.IsWindows()
        ? fault.HResult is WindowsHandleDiskFull or WindowsDiskFull
        : fault.HResult is NoSpaceLeft || fault.HResult == (OperatingSystem.IsMacOS() ? QuotaExceededMac : QuotaExceededLinux);
}
